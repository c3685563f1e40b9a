package app.handset.desktop

import app.handset.core.Accelerator
import app.handset.core.ElementType
import app.handset.core.Engine
import app.handset.core.EngineFactory
import app.handset.core.EngineOptions
import app.handset.core.Golden
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.OutputTensor
import app.handset.core.Quantization
import app.handset.core.field
import app.handset.core.objectOf
import app.handset.job.JobProgress
import app.handset.job.JobRunner
import app.handset.job.JsonWriter
import java.io.File
import java.nio.ByteBuffer
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A probe that is cancelled, that fails, and whose job is none. */
class ProbeFaultTest {
    @TempDir
    lateinit var temporary: Path

    private val out: File get() = temporary.resolve("out").toFile()
    private val folder = Golden.folder.resolve("jobs/probe_fp32")
    private val progress = JobProgress()

    /** A real engine that does [before] its second run. */
    private fun engines(before: (Engine) -> Unit) = EngineFactory { model, options ->
        val engine = TfLiteEngine.open(model, options)
        object : Engine by engine {
            private var runs = 0

            override fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long {
                if (runs++ == 1) before(engine)
                return engine.run(input, outputs)
            }
        }
    }

    private fun failed(engines: EngineFactory, job: File = folder): Map<String, Any?> {
        val outcome = JobRunner(engines, ImageIoDecoder(), DesktopHost()).run(job, out, progress, folder::resolve)
        assertEquals(listOf(outcome.result), out.listFiles().orEmpty().toList(), "nothing else stays")
        return Golden.json(outcome.result).also { assertEquals("failed", it["status"]) }
    }

    @Test
    fun `a probe that fails leaves a result of its own format, without tensors and without its file`() {
        val whole = JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost()).run(folder, out, progress)
        assertEquals("ok", Golden.json(whole.result)["status"])
        out.resolve(".probe_fp32.values.bin.part").writeText("killed while it wrote")
        val result = failed(engines { throw InputException("the second cannot be run; run it alone") })
        assertEquals("handset.result/2", result["format"])
        assertEquals(Golden.json(folder.resolve("job.json")), result["job"])
        for (name in listOf("init_ns", "inputs", "tensors", "blobs")) {
            assertTrue(name in result && result[name] == null, name)
        }
        assertEquals("input-failed", objectOf(result["error"])["kind"])
    }

    @Test
    fun `a cancelled probe ends before its next input and says so`() {
        val engines = EngineFactory { model, options ->
            val engine = TfLiteEngine.open(model, options)
            object : Engine by engine {
                override fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long {
                    progress.cancel()
                    return engine.run(input, outputs)
                }
            }
        }
        assertEquals("cancelled", objectOf(failed(engines)["error"])["kind"])
        assertEquals(1, progress.done)
    }

    @Test
    fun `a tensor that has another size when it runs is named, not cut`() {
        val engines = engines { engine ->
            engine.run(directBuffer(engine.input.bytes), engine.outputs.map { directBuffer(it.bytes + 1) })
        }
        val error = objectOf(failed(engines)["error"])
        assertEquals("input-failed", error["kind"])
        assertTrue("has another size than before" in error.field<String>("message"), "${error["message"]}")
    }

    private fun directBuffer(bytes: Int) = ByteBuffer.allocateDirect(bytes)

    @Test
    fun `a probe's job with any field missing is refused`() {
        val job = Golden.json(folder.resolve("job.json"))
        for (name in job.keys) {
            val spoiled = temporary.resolve("spoiled-1").toFile()
            spoiled.mkdirs()
            spoiled.resolve("job.json").writeBytes(JsonWriter.write(job - name))
            val result = failed(TfLiteEngine::open, spoiled)
            assertEquals("handset.result/1", result["format"], "nothing is known of it")
            assertTrue("$name is missing" in objectOf(result["error"]).field<String>("message"), name)
        }
    }

    @Test
    fun `only a probe may put out more than its scores, and nothing takes two inputs`() {
        val classifier = EngineOptions(1, Accelerator.CPU, true)
        val probe = classifier.copy(isProbe = true)
        for ((options, outputs) in listOf(classifier to 1, probe to 1, probe to 70)) options.check(1, outputs)
        val refused =
            listOf(Triple(classifier, 1, 2), Triple(classifier, 1, 0), Triple(probe, 2, 1), Triple(probe, 1, 0))
        for ((options, inputs, outputs) in refused) {
            assertThrows(ModelException::class.java) { options.check(inputs, outputs) }
        }
    }

    @Test
    fun `a tensor whose values cannot be had is named`() {
        val plain = Quantization(0.0, 0)
        for (shape in listOf(emptyList(), listOf(1, 0))) {
            val error = assertThrows(ModelException::class.java) {
                OutputTensor.of("scores", ElementType.INT32, shape, plain)
            }
            assertTrue("scores" in error.message.orEmpty())
        }
        assertThrows(ModelException::class.java) { OutputTensor.of("text", null, listOf(1), plain) }
        assertEquals(
            listOf("int64", 8L, null),
            OutputTensor.of("largest", ElementType.INT64, listOf(1), plain).run {
                listOf(type.text, bytes.toLong(), quantization)
            }
        )
    }
}
