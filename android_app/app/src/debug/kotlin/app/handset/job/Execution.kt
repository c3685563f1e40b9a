package app.handset.job

import app.handset.core.Engine
import app.handset.core.InputLoader
import app.handset.core.StageTimes
import app.handset.core.TensorInfo
import app.handset.core.directBuffer
import java.io.Closeable
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What a successful measurement gave. [inputs] counts rows of [outputs], [samples] rows of [timings]. */
data class Run(
    val input: TensorInfo,
    val output: TensorInfo,
    val warmupNs: List<Long>,
    val inputs: Int,
    val samples: Int,
    val outputs: Blob,
    val timings: Blob,
    val modelInputs: Blob?
) : Given

/**
 * A measurement whose files are open and whose model is loaded. `blobFile` gives the file for each name in [BLOBS].
 *
 * When it is closed, unfinished files are deleted.
 */
class Execution(
    private val measurement: Measurement,
    private val engine: Engine,
    private val archive: ArchiveReader,
    private val loader: InputLoader,
    private val progress: JobProgress,
    blobFile: (String) -> File
) : Closeable {
    private val files = ArrayList<BlobFile>()
    private val outputs = blob(blobFile(OUTPUTS))
    private val timings = blob(blobFile(TIMINGS))
    private val modelInputs = if (measurement.returnFed) blob(blobFile(MODEL_INPUTS)) else null
    private val input = directBuffer(engine.input.bytes)
    private val output = directBuffer(engine.output.bytes)
    private val row = ByteBuffer.allocate(STAGES * Long.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN)

    private fun blob(target: File): BlobFile = BlobFile(target).also(files::add)

    /** Do what the job asks for; returns what it measured. */
    fun run(): Run = measurement.inputId?.let(::measure) ?: evaluate()

    /** Every input once. */
    private fun evaluate(): Run {
        progress.begin(archive.names.size)
        for (name in archive.names) {
            progress.checkCancelled()
            record(runOnce(name, archive.read(name)))
            writeTensors()
            progress.done++
        }
        return run(emptyList(), archive.names.size, archive.names.size)
    }

    /**
     * The entry [name] again and again, as Google's benchmark tool does it: warm-up runs first, then the timed runs.
     */
    private fun measure(name: String): Run {
        val schedule = measurement.schedule
        val data = archive.read(name)
        progress.begin(schedule.numRuns)
        val warmupNs = ArrayList<Long>()
        repeatFor(schedule.warmupRuns, schedule.warmupMinSecs, schedule.maxSecs) {
            warmupNs += runOnce(name, data).invokeNs
        }
        var samples = 0
        repeatFor(schedule.numRuns, schedule.minSecs, schedule.maxSecs) {
            record(runOnce(name, data))
            samples++
            progress.done = minOf(samples, schedule.numRuns)
        }
        writeTensors()
        return run(warmupNs, 1, samples)
    }

    /** Call [once] at least [runs] times and for at least [minSecs]; no call begins after [maxSecs]. */
    private fun repeatFor(runs: Int, minSecs: Double, maxSecs: Double, once: () -> Unit) {
        val began = System.nanoTime()
        var count = 0
        while (true) {
            val secs = (System.nanoTime() - began) / NS_PER_S
            if (secs > maxSecs || (count >= runs && secs >= minSecs)) return
            progress.checkCancelled()
            once()
            count++
        }
    }

    private fun runOnce(name: String, data: ByteArray): StageTimes {
        val times = StageTimes()
        loader.load(name, data, input, times)
        times.invokeNs = engine.run(input, output)
        return times
    }

    private fun record(times: StageTimes) {
        row.putLong(0, times.decodeNs)
        row.putLong(Long.SIZE_BYTES, times.preprocessNs)
        row.putLong(2 * Long.SIZE_BYTES, times.invokeNs)
        timings.write(row)
    }

    private fun writeTensors() {
        outputs.write(output)
        modelInputs?.write(input)
    }

    private fun run(warmupNs: List<Long>, inputs: Int, samples: Int) = Run(
        engine.input,
        engine.output,
        warmupNs,
        inputs,
        samples,
        outputs.commit(),
        timings.commit(),
        modelInputs?.commit()
    )

    override fun close() = files.forEach(BlobFile::close)

    companion object {
        private const val OUTPUTS = "outputs"
        private const val TIMINGS = "timings"
        private const val MODEL_INPUTS = "fed"
        private const val STAGES = 3
        private const val NS_PER_S = 1e9

        /** The names of the binary files that a job may leave. */
        val BLOBS = listOf(OUTPUTS, TIMINGS, MODEL_INPUTS)
    }
}
