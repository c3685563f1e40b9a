package app.handset.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What one run cost, in nanoseconds; 0 for a stage that does not exist. */
class StageTimes {
    var decodeNs = 0L
    var preprocessNs = 0L
    var invokeNs = 0L
}

/** From an archive's entry to what the interpreter is fed, each stage timed apart. */
interface Feeder {
    /** Write the input that the entry [name] with its bytes [data] is; [InputException] when it is none. */
    fun feed(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes)
}

/** Entries are raw tensors in the model's own type, little-endian. */
class TensorFeeder(private val input: TensorInfo) : Feeder {
    override fun feed(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes) {
        if (data.size != input.bytes) {
            throw InputException("$name has ${data.size} bytes, $input has ${input.bytes}; make it for this model")
        }
        if (input.type != TensorType.FLOAT32) {
            into.toStart()
            into.put(data)
            into.toStart()
            return
        }
        val floats = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)
        for (at in 0 until input.bytes step Float.SIZE_BYTES) into.putFloat(at, floats.getFloat(at))
    }
}

/** Entries are encoded pictures, or `*.raw` levels of the model's own size. */
class PictureFeeder(private val preprocessor: Preprocessor, private val decoder: PictureDecoder) : Feeder {
    override fun feed(name: String, data: ByteArray, into: ByteBuffer, times: StageTimes) {
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

/** Preprocessing happens strip by strip, while the decoder waits: how long is [spentNs]. */
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
