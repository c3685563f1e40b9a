package app.handset.core

import java.nio.ByteBuffer

/** How long the stages of one run took, in nanoseconds; 0 for a stage that the input does not need. */
class StageTimes {
    var decodeNs = 0L
    var preprocessNs = 0L
    var invokeNs = 0L
}

/** Turns an archive's entry into the model's input tensor, and times each stage. */
interface InputLoader {
    /**
     * Write the model input of the entry [name], whose bytes are [data], to [into]; [InputException] when that cannot
     * be done.
     */
    fun load(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes)
}

/** Entries are encoded pictures, or `*.raw` levels of the model's own size. */
class PictureLoader(private val preprocessor: Preprocessor, private val decoder: PictureDecoder) : InputLoader {
    override fun load(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes) {
        val began = System.nanoTime()
        if (name.endsWith(RAW)) {
            preprocessor.raw(data, name, into)
            times.preprocessNs = System.nanoTime() - began
            return
        }
        val sink = TimedSink(preprocessor)
        decoder.decode(data, name, sink)
        val decoded = System.nanoTime()
        preprocessor.finish(into)
        times.decodeNs = decoded - began - sink.spentNs
        times.preprocessNs = System.nanoTime() - decoded + sink.spentNs
    }

    private companion object {
        const val RAW = ".raw"
    }
}

/** Measures preprocessing that happens strip by strip while the decoder waits: [spentNs] in all. */
private class TimedSink(private val sink: PictureSink) : PictureSink {
    var spentNs = 0L

    override fun begin(width: Int, height: Int, orientation: Int) = timed { sink.begin(width, height, orientation) }

    override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) =
        timed { sink.rows(pixels, offset, stride, firstRow, count) }

    private inline fun timed(work: () -> Unit) {
        val began = System.nanoTime()
        work()
        spentNs += System.nanoTime() - began
    }
}
