package app.handset.desktop

import app.handset.core.Accelerator
import app.handset.core.EngineOptions
import app.handset.core.Golden
import app.handset.core.PackedModel
import app.handset.core.Quantization
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.core.field
import app.handset.core.int
import app.handset.core.objectOf
import app.handset.core.scores
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What a raw output says, and what models of unusual inputs and outputs are taken for: golden cases, also pytest's. */
class AnswersTest {
    private val cases = Golden.json(Golden.folder.resolve("answers/cases.json"))

    private fun each(name: String, check: (Map<String, Any?>) -> Unit) =
        cases.field<List<Any?>>(name).map(::objectOf).forEach(check)

    private fun numbers(case: Map<String, Any?>, name: String) = case.field<List<Number>>(name)

    @Test
    fun `outputs become probabilities`() = each("probabilities") { case ->
        val type = TensorType.entries.single { it.text == case["dtype"] }
        val outputs = numbers(case, "outputs")
        val quantization = case["scale"]?.let { Quantization((it as Number).toDouble(), case.int("zero_point")) }
        val info = TensorInfo(type, listOf(outputs.size), quantization)
        val raw = ByteBuffer.allocate(info.bytes).order(ByteOrder.nativeOrder())
        outputs.forEach { if (type == TensorType.FLOAT32) raw.putFloat(it.toFloat()) else raw.put(it.toByte()) }
        val expected = numbers(case, "probabilities").map { it.toFloat() }.toFloatArray()
        assertArrayEquals(expected, scores(raw, info), case.field<String>("name"))
    }

    @Test
    fun `a model is taken for what the desktop takes it for`() = each("models") { case ->
        val name = case.field<String>("file")
        val data = Golden.folder.resolve("models/$name").readBytes()
        val file = ByteBuffer.allocateDirect(data.size).put(data).flip() as ByteBuffer
        val packed = PackedModel.of(file)
        val input = numbers(case, "input").map { it.toInt() }
        assertEquals(input.drop(1), packed.image.run { listOf(height, width, channels) }, name)
        assertEquals(case["labels"], packed.labels(case.int("outputs")), name)
        TfLiteEngine.open(file, EngineOptions(1, Accelerator.CPU, true)).use { engine ->
            assertEquals(input.drop(1), engine.input.shape, name)
            assertEquals(listOf(case.int("outputs")), engine.output.shape, name)
        }
    }
}
