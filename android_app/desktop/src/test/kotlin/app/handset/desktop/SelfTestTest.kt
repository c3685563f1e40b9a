package app.handset.desktop

import app.handset.core.Accelerator
import app.handset.core.BufferSource
import app.handset.core.CenterSquare
import app.handset.core.Deviation
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.Golden
import app.handset.core.ImageSpec
import app.handset.core.InputException
import app.handset.core.PackedModel
import app.handset.core.PictureDecoder
import app.handset.core.PictureSink
import app.handset.core.Preprocessor
import app.handset.core.SelfTest
import app.handset.core.SelfTestException
import app.handset.core.Stage
import app.handset.core.Verification
import app.handset.core.sha256
import java.io.File
import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

class SelfTestTest {
    private fun golden(recipe: String) = Golden.folder.resolve("selftest/$recipe.selftest").readBytes()

    private fun read(data: ByteArray) = SelfTest.read(BufferSource(ByteBuffer.wrap(data)))

    /** What the self-test of the golden model [name] finds, on a device with the given faults. */
    private fun deviations(
        name: String,
        decoder: PictureDecoder = ImageIoDecoder(),
        spec: (ImageSpec) -> ImageSpec = { it },
        engine: (Engine) -> Engine = { it }
    ): List<Deviation> {
        val file = Golden.folder.resolve("models/$name.tflite")
        val data = file.readBytes()
        val model = ByteBuffer.allocateDirect(data.size).put(data)
        val test = read(golden(name.substringBefore('_')))
        return TfLiteEngine.open(model, EngineOptions(1, Accelerator.CPU, true)).use {
            val preprocessor = Preprocessor(spec(PackedModel.of(model).image), it.input)
            val result = Verification(engine(it), preprocessor, decoder).run(test, sha256(data))
            assertEquals(INPUTS, result.inputs)
            result.deviations
        }
    }

    @TestFactory
    fun `on the computer that exported it, a model has no deviation`(): List<DynamicTest> =
        listOf("colour_fp32", "colour_int8", "digit_fp32", "digit_int8").map { name ->
            dynamicTest(name) { assertEquals(emptyList<Deviation>(), deviations(name)) }
        }

    /** Passes every pixel on with one level more or less of red. */
    private class RedShiftedSink(private val sink: PictureSink) : PictureSink by sink {
        override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) =
            sink.rows(IntArray(pixels.size) { pixels[it] xor 1 }, offset, stride, firstRow, count)
    }

    @Test
    fun `a decoder that is a level off, or refuses, is found as such`() {
        val off =
            deviations("colour_fp32", { data, name, sink -> ImageIoDecoder().decode(data, name, RedShiftedSink(sink)) })
        val none = deviations("colour_fp32", { _, name, _ -> throw InputException("$name: not here") })
        for (found in listOf(off, none)) assertTrue(found.all { it.stage == Stage.DECODE && it.difference == null })
        assertEquals(INPUTS, none.size)
        assertTrue(off.size >= INPUTS - 1, "$off") // one picture is almost transparent
    }

    @Test
    fun `preprocessing that crops otherwise is found as such`() {
        val found = deviations("colour_int8", spec = { it.copy(crop = CenterSquare(1, 2)) })
        assertTrue(found.size >= INPUTS - 1 && found.all { it.stage == Stage.PREPROCESS }, "$found")
    }

    @Test
    fun `an engine that computes otherwise is found as such, and by how much`() {
        val found = deviations("digit_int8", engine = { real ->
            object : Engine by real {
                override fun run(input: ByteBuffer, output: ByteBuffer): Long =
                    real.run(input, output).also { output.put(4, (output.get(4) + 2).toByte()) }
            }
        })
        assertEquals(List(INPUTS) { Stage.OUTPUT to 2.0 }, found.map { it.stage to it.difference })
    }

    @Test
    fun `a self-test of another model, of a newer format, or damaged is refused in one line`() {
        val text = String(golden("digit"), Charsets.ISO_8859_1)
        val newer = text.replace("handset.selftest/1", "handset.selftest/2").toByteArray(Charsets.ISO_8859_1)
        val cut = golden("digit").copyOf(1000)
        for (broken in listOf(newer, cut, ByteArray(0))) {
            val error = assertThrows(SelfTestException::class.java) { read(broken) }
            assertTrue("run `make export`" in error.message.orEmpty(), error.message)
        }
        val error = assertThrows(SelfTestException::class.java) { read(golden("digit")).expectation("0".repeat(64)) }
        assertTrue(error.message.orEmpty().startsWith("the self-test is not for the model 00000000…"), error.message)
    }

    private companion object {
        const val INPUTS = 7
    }
}
