package app.handset.core

import java.io.Closeable
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** What a job that ended well measured. [inputs] and [samples] count rows of outputs and of timings. */
data class Run(
    val input: TensorInfo,
    val output: TensorInfo,
    val warmupNs: List<Long>,
    val inputs: Int,
    val samples: Int,
    val outputs: Blob,
    val timings: Blob,
    val fed: Blob?
)

/**
 * A job whose files are open and whose model is loaded. `place` says where its binary files go.
 *
 * Nothing unfinished stays when it is closed.
 */
class Execution(
    private val job: Job,
    private val engine: Engine,
    private val archive: InputArchive,
    private val feeder: Feeder,
    private val watch: Watch,
    place: (String) -> File
) : Closeable {
    private val files = ArrayList<BlobFile>()
    private val outputs = blob(place(OUTPUTS))
    private val timings = blob(place(TIMINGS))
    private val fed = if (job.returnFed) blob(place(FED)) else null
    private val input = directBuffer(engine.input.bytes)
    private val output = directBuffer(engine.output.bytes)
    private val row = ByteBuffer.allocate(STAGES * Long.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN)

    private fun blob(target: File): BlobFile = BlobFile(target).also(files::add)

    /** What the job asks for. */
    fun carryOut(): Run = if (job.inputId == null) evaluate() else measure(job.inputId)

    /** Every input once. */
    private fun evaluate(): Run {
        watch.begin(archive.names.size)
        for (name in archive.names) {
            watch.step()
            record(once(name, archive.read(name)))
            keep()
            watch.done++
        }
        return run(emptyList(), archive.names.size, archive.names.size)
    }

    /** The entry [name] again and again, as Google's benchmark tool does it: warm-ups first, then what is timed. */
    private fun measure(name: String): Run {
        val schedule = job.schedule
        val data = archive.read(name)
        watch.begin(schedule.numRuns)
        val warmupNs = ArrayList<Long>()
        phase(schedule.warmupRuns, schedule.warmupMinSecs, schedule.maxSecs) { warmupNs += once(name, data).invokeNs }
        var samples = 0
        phase(schedule.numRuns, schedule.minSecs, schedule.maxSecs) {
            record(once(name, data))
            samples++
            watch.done = minOf(samples, schedule.numRuns)
        }
        keep()
        return run(warmupNs, 1, samples)
    }

    /** At least so many runs and so long; none begins after [maxSecs]. */
    private fun phase(runs: Int, minSecs: Double, maxSecs: Double, once: () -> Unit) {
        val began = System.nanoTime()
        var count = 0
        while (true) {
            val secs = (System.nanoTime() - began) / NS_PER_S
            if (secs > maxSecs || (count >= runs && secs >= minSecs)) return
            watch.step()
            once()
            count++
        }
    }

    private fun once(name: String, data: ByteArray): StageTimes {
        val times = StageTimes()
        feeder.feed(name, data, input, times)
        times.invokeNs = engine.run(input, output)
        return times
    }

    private fun record(times: StageTimes) {
        row.putLong(0, times.decodeNs)
        row.putLong(Long.SIZE_BYTES, times.preprocessNs)
        row.putLong(2 * Long.SIZE_BYTES, times.invokeNs)
        timings.write(row)
    }

    private fun keep() {
        outputs.write(output)
        fed?.write(input)
    }

    private fun run(warmupNs: List<Long>, inputs: Int, samples: Int) = Run(
        engine.input,
        engine.output,
        warmupNs,
        inputs,
        samples,
        outputs.commit(),
        timings.commit(),
        fed?.commit()
    )

    override fun close() = files.forEach(BlobFile::close)

    companion object {
        private const val OUTPUTS = "outputs"
        private const val TIMINGS = "timings"
        private const val FED = "fed"
        private const val STAGES = 3
        private const val NS_PER_S = 1e9

        /** Everything that an execution may leave. */
        val BLOBS = listOf(OUTPUTS, TIMINGS, FED)
    }
}
