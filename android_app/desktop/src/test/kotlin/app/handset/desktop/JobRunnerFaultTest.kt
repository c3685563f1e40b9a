package app.handset.desktop

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.AcceleratorException
import app.handset.core.Engine
import app.handset.core.EngineFactory
import app.handset.core.EngineOptions
import app.handset.core.Golden
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.field
import app.handset.core.int
import app.handset.core.objectOf
import app.handset.job.DeviceState
import app.handset.job.Heartbeat
import app.handset.job.Host
import app.handset.job.JobProgress
import app.handset.job.JobRunner
import app.handset.job.JsonWriter
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A real engine that fails in one way, at one run. */
class JobRunnerFaultTest {
    @TempDir
    lateinit var temporary: Path

    private val out: File get() = temporary.resolve("out").toFile()
    private val folder = Golden.folder.resolve("jobs/images_fp32")

    private fun failing(at: Int, fault: () -> Throwable) = EngineFactory { model, options ->
        val engine = TfLiteEngine.open(model, options)
        object : Engine by engine {
            private var runs = 0

            override fun run(input: ByteBuffer, output: ByteBuffer): Long {
                if (runs++ == at) throw fault()
                return engine.run(input, output)
            }
        }
    }

    private fun errorOf(
        engines: EngineFactory,
        progress: JobProgress = JobProgress(),
        job: File = folder
    ): Map<String, Any?> {
        val outcome = JobRunner(engines, ImageIoDecoder(), DesktopHost()).run(job, out, progress, folder::resolve)
        val result = Golden.json(outcome.result)
        assertEquals("failed", result["status"])
        assertEquals(null, result["blobs"])
        assertEquals(listOf(outcome.result), out.listFiles().orEmpty().toList(), "nothing else stays")
        return objectOf(result["error"])
    }

    @Test
    fun `every exception is a failed result with its kind and cause`() {
        val faults = mapOf(
            { InputException("00003.png cannot be run; run it alone") } to "input-failed",
            { AcceleratorException("the GPU was lost; run on the CPU") } to "accelerator-failed",
            { OutOfMemoryError("Java heap space") } to "out-of-memory",
            { IllegalStateException("a bug\nof two lines") } to "internal",
            { StackOverflowError("too deep") } to "internal",
            { AssertionError("a bug of a library") } to "internal",
            { UnsatisfiedLinkError("no such native") } to "library-not-loaded",
            { NoClassDefFoundError("org.tensorflow.lite.Tensor") } to "library-not-loaded"
        )
        for ((fault, kind) in faults) {
            val error = errorOf(failing(at = 3, fault))
            assertEquals(kind, error["kind"])
            val message = fault().message.orEmpty().replace('\n', ' ')
            assertTrue(message in error.field<String>("message"), "${error["message"]}")
        }
    }

    private fun resultWith(host: Host): Map<String, Any?> {
        val outcome = JobRunner(TfLiteEngine::open, ImageIoDecoder(), host).run(folder, out, JobProgress())
        return Golden.json(outcome.result)
    }

    @Test
    fun `no fact about the device is worth a result`() {
        val result = resultWith(SilentHost)
        assertEquals("ok", result["status"])
        assertEquals(mapOf("name" to "unknown", "version" to "unknown"), result["runtime"])
        for (name in listOf("device", "state_before", "state_after", "memory")) {
            assertEquals(setOf(null), objectOf(result[name]).values.toSet(), name)
        }
        assertEquals(listOf(true, null), listOf(result["virtual"], result["front_losses"]))
    }

    /** A host that throws at every question, as a phone may whose library does not load. */
    private object SilentHost : Host {
        override val runner get() = error("no package manager")
        override val runtime get() = throw UnsatisfiedLinkError("no such native")
        override val device get() = throw NoSuchFieldError("SOC_MODEL")
        override val isVirtual get() = throw SecurityException("not for this app")

        override fun state() = throw OutOfMemoryError("Java heap space")

        override fun peakBytes() = throw NumberFormatException("no number")
    }

    @Test
    fun `only what was lost while the job ran counts, and what is not known is not counted`() {
        for ((seen, losses) in mapOf(listOf(2, 5) to 3L, listOf(2, 2) to 0L, listOf(null, null) to null)) {
            val left = ArrayDeque(seen)
            val host = object : Host by DesktopHost() {
                override fun state() = DeviceState(inFront = true, frontLosses = left.removeFirst())
            }
            assertEquals(losses, resultWith(host)["front_losses"], "$seen")
        }
    }

    @Test
    fun `a cancelled job ends before its next input and says so`() {
        val progress = JobProgress()
        val engines = EngineFactory { model, options ->
            val engine = TfLiteEngine.open(model, options)
            object : Engine by engine {
                override fun run(input: ByteBuffer, output: ByteBuffer): Long {
                    progress.cancel()
                    return engine.run(input, output)
                }
            }
        }
        assertEquals("cancelled", errorOf(engines, progress)["kind"])
        assertEquals(1, progress.done)
    }

    @Test
    fun `progress that several jobs share starts again with each`() {
        val progress = JobProgress()
        repeat(2) {
            JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost()).run(folder, out, progress)
            assertEquals(progress.total, progress.done)
        }
    }

    @Test
    fun `a failed attempt replaces what an earlier one left`() {
        val outcome = JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost()).run(folder, out, JobProgress())
        assertEquals("ok", Golden.json(outcome.result)["status"])
        assertEquals(4, out.listFiles().orEmpty().size)
        out.resolve(".images_fp32.outputs.bin.part").writeText("killed while it wrote")
        errorOf(failing(at = 0) { InputException("no") })
    }

    @Test
    fun `an accelerator that is not there is recorded with its reason`() {
        val gpu = Golden.folder.resolve("jobs/gpu_asked")
        val outcome = JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost()).run(gpu, out, JobProgress())
        val acceleration = objectOf(Golden.json(outcome.result)["accelerator"])
        val expected = Acceleration(
            Accelerator.GPU,
            Accelerator.CPU,
            0,
            acceleration.int("total_nodes"),
            "this machine's interpreter has no gpu delegate"
        )
        assertEquals(expected.toJson().mapValues { (it.value as? Int)?.toLong() ?: it.value }, acceleration)
    }

    @Test
    fun `a job with any field missing is refused and named after its folder`() {
        val job = Golden.json(folder.resolve("job.json"))
        for (name in job.keys) {
            val spoiled = temporary.resolve("spoiled-1").toFile()
            spoiled.mkdirs()
            spoiled.resolve("job.json").writeBytes(JsonWriter.write(job - name))
            val error = errorOf(TfLiteEngine::open, job = spoiled)
            assertEquals("job-refused", error["kind"], name)
            assertTrue("$name is missing" in error.field<String>("message"), "${error["message"]}")
            assertEquals(listOf("spoiled-1.result.json"), out.list().orEmpty().toList())
        }
    }

    @Test
    fun `a damaged model is refused, not run`() {
        val whole = Golden.folder.resolve("models/colour_fp32.tflite").readBytes()
        val random = Random(0)
        var refused = 0
        repeat(DAMAGES) {
            val damaged = ByteBuffer.allocateDirect(whole.size).order(ByteOrder.nativeOrder()).put(whole)
            repeat(BYTES_DAMAGED) { damaged.put(random.nextInt(HEADER_BYTES), random.nextInt().toByte()) }
            try {
                TfLiteEngine.open(damaged, EngineOptions(1, Accelerator.CPU, true)).close()
            } catch (error: ModelException) {
                assertTrue(error.message.orEmpty().isNotEmpty())
                refused++
            }
        }
        assertEquals(DAMAGES, refused)
    }

    @Test
    fun `a heartbeat reports at once and again how far the job is`() {
        val progress = JobProgress().apply { begin(7) }
        val reports = LinkedBlockingQueue<Pair<Int, Int>>()
        Heartbeat(progress, periodMs = 1) { done, total -> reports += done to total }.use {
            assertEquals(0 to 7, reports.take())
            progress.done = 3
            while (reports.take() != 3 to 7) Unit
        }
    }

    private companion object {
        const val DAMAGES = 50
        const val BYTES_DAMAGED = 20

        /** These bytes are all offsets: of the root, and of buffers and metadata. */
        const val HEADER_BYTES = 64
    }
}
