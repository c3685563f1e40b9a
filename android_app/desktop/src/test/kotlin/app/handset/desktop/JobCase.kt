package app.handset.desktop

import app.handset.core.ElementType
import app.handset.core.Golden
import app.handset.core.field
import app.handset.core.int
import app.handset.core.objectOf
import app.handset.core.sha256
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.abs
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/** One case of tests/golden/jobs, and the checks of its result. */
class JobCase(val folder: File) {
    private val expected = Golden.json(folder.resolve("expected.json"))
    private val job by lazy { Golden.json(folder.resolve("job.json")) }
    val name: String = folder.name
    val status = expected.field<String>("status")
    val errorKind = expected["error_kind"]
    val isProbe = "tensors" in expected

    fun checkOutputs(result: Map<String, Any?>, out: File) {
        val tensor = objectOf(expected["output"])
        val largestDifference =
            largestDifference(blob(result, "outputs", out), folder.resolve("expected.bin").readBytes(), tensor)
        assertTrue(
            largestDifference <= expected.field<Number>("tolerance").toDouble(),
            "an output is off by $largestDifference"
        )
    }

    /** Every tensor of a probe; a float may be off by a share of its tensor's largest value. */
    fun checkTensors(result: Map<String, Any?>, out: File) {
        assertEquals(expected["tensors"], result["tensors"])
        assertEquals(objectOf(job["inputs"])["count"], result["inputs"])
        val tensors = expected.field<List<Any?>>("tensors").map(::objectOf)
        val got = blob(result, "values", out)
        val wanted = folder.resolve("expected.bin").readBytes()
        assertEquals(wanted.size, got.remaining())
        var at = 0
        while (at < wanted.size) {
            for (tensor in tensors) {
                val type = tensor.field<String>("dtype")
                val count = tensor.field<List<Long>>("shape").reduce(Long::times).toInt()
                val bytes = count * ElementType.entries.single { it.text == type }.bytes
                checkTensor(part(got, at, bytes), wanted.copyOfRange(at, at + bytes), tensor)
                at += bytes
            }
        }
    }

    private fun checkTensor(got: ByteBuffer, golden: ByteArray, tensor: Map<String, Any?>) {
        val zeros = ByteBuffer.allocate(golden.size).order(ByteOrder.LITTLE_ENDIAN)
        val unit = if (tensor["dtype"] == "float32") largestDifference(zeros, golden, tensor) else 1.0
        val largestDifference = largestDifference(got, golden, tensor)
        assertTrue(
            largestDifference <= expected.field<Number>("tolerance").toDouble() * unit,
            "${tensor["name"]} is off by $largestDifference"
        )
    }

    private fun part(data: ByteBuffer, from: Int, bytes: Int): ByteBuffer =
        data.slice(from, bytes).order(ByteOrder.LITTLE_ENDIAN)

    fun checkModelInputs(result: Map<String, Any?>, out: File) {
        val tensor = expected["fed"]?.let(::objectOf)
        assertEquals(tensor == null, objectOf(result["blobs"])["fed"] == null)
        if (tensor == null) return
        val largestDifference =
            largestDifference(blob(result, "fed", out), folder.resolve("expected_fed.bin").readBytes(), tensor)
        assertTrue(
            largestDifference <= expected.int("fed_levels") * LEVEL,
            "a model input is off by $largestDifference"
        )
    }

    fun checkCounts(result: Map<String, Any?>, out: File) {
        val timings = blob(result, "timings", out).asLongBuffer()
        val isLatency = job["mode"] == "latency"
        val count = objectOf(job["inputs"]).int("count")
        assertEquals(if (isLatency) 1 else count, result.int("inputs"))
        assertEquals(if (isLatency) job.int("num_runs") else count, result.int("samples"))
        assertEquals(job.int("warmup_runs"), result.field<List<*>>("warmup_ns").size)
        assertEquals(result.int("samples") * STAGES, timings.remaining())
        val invocations = STAGES - 1 until timings.remaining() step STAGES
        assertTrue(invocations.all { timings[it] > 0 }, "an invocation took no time")
        assertEquals(objectOf(job["model"])["sha256"], result["model_sha256"])
        assertEquals(objectOf(job["inputs"])["sha256"], result["inputs_sha256"])
        assertEquals("handset.end", result.entries.last().value)
    }

    private fun blob(result: Map<String, Any?>, name: String, out: File): ByteBuffer {
        val blob = objectOf(objectOf(result["blobs"])[name])
        val data = out.resolve(blob.field<String>("path")).readBytes()
        assertEquals(blob["sha256"], sha256(data))
        assertEquals(blob.int("bytes"), data.size)
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)
    }

    private fun largestDifference(got: ByteBuffer, golden: ByteArray, tensor: Map<String, Any?>): Double {
        val wanted = ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN)
        assertEquals(wanted.remaining(), got.remaining())
        val type = tensor.field<String>("dtype")
        val bytes = ElementType.entries.single { it.text == type }.bytes
        return (0 until golden.size step bytes).maxOf { abs(value(got, it, type) - value(wanted, it, type)) }
    }

    private fun value(data: ByteBuffer, at: Int, type: String): Double = when (type) {
        "float32" -> data.getFloat(at).toDouble()
        "uint8" -> data.get(at).toUByte().toDouble()
        "int16" -> data.getShort(at).toDouble()
        "int32" -> data.getInt(at).toDouble()
        "int64" -> data.getLong(at).toDouble()
        else -> data.get(at).toDouble()
    }

    companion object {
        private const val STAGES = 3

        /** One of 255 levels in [−1, 1]; a uint8 is one itself, but none of those may differ. */
        private const val LEVEL = 2.0 / 255

        fun all(): List<JobCase> = Golden.folder.resolve("jobs").listFiles().orEmpty()
            .filter { it.resolve("job.json").exists() }.sorted().map(::JobCase)
    }
}
