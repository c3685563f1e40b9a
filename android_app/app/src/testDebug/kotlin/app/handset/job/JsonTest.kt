package app.handset.job

import app.handset.core.Catalog
import app.handset.core.CatalogException
import app.handset.core.ImageSpec
import app.handset.core.JsonException
import app.handset.core.JsonReader
import app.handset.core.ModelException
import app.handset.core.oneLine
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class JsonTest {
    private fun read(text: String): Any? = JsonReader.read(text.toByteArray())

    @Test
    fun `what is written is read back, in its order`() {
        val value = mapOf(
            "z" to listOf(null, true, false, emptyList<Any>(), emptyMap<String, Any>()),
            "a" to mapOf("long" to Long.MIN_VALUE, "double" to 1.0E-5, "text" to "\"\\/\u0001\n한국어 \uD83D\uDC36")
        )
        assertEquals(value, JsonReader.read(JsonWriter.write(value)))
        assertEquals(value, read(JsonWriter.line(value)))
        assertEquals(listOf("z", "a"), (JsonReader.read(JsonWriter.write(value)) as Map<*, *>).keys.toList())
        assertTrue('\n' !in JsonWriter.line(value))
    }

    @Test
    fun `what Android's reader would accept is refused with its position`() {
        val faults = listOf(
            "", "{", "[1,]", "{'a': 1}", "{a: 1}", "[1] 2", "01", "1.", ".5", "+1", "NaN", "Infinity", "nul", "\"\\x\"",
            "\"\\u12g4\"", "\"a", "\"\t\"", "[1; 2]", "{\"a\" 1}", "{\"a\": 1 /* one */}", "1e999", "[".repeat(100)
        )
        for (text in faults) {
            val error = assertThrows(text, JsonException::class.java) { read(text) }
            assertTrue(error.message, Regex(".* at character [0-9]+").matches(error.message.orEmpty()))
        }
        assertThrows(JsonException::class.java) {
            JsonReader.read(byteArrayOf('"'.code.toByte(), -1, '"'.code.toByte()))
        }
    }

    @Test
    fun `an integer beyond 64 bits is a number and no integer`() {
        assertEquals(1.0E30, read("1000000000000000000000000000000"))
        assertEquals(Long.MAX_VALUE, read("${Long.MAX_VALUE}"))
    }

    @Test
    fun `a field that is wrong is named with what it is`() {
        val spec = mapOf(
            "format" to "handset.preprocess/1",
            "height" to 28,
            "width" to 28,
            "channels" to 1,
            "crop" to mapOf("kind" to "none"),
            "resize" to "pillow_bilinear",
            "mean" to listOf(0),
            "std" to listOf(255)
        )
        assertEquals(28, ImageSpec.read(JsonWriter.write(spec)).height)
        val changes = mapOf(
            "format" to "handset.preprocess/2", "height" to 0, "width" to "28", "channels" to 4, "crop" to "none",
            "resize" to "nearest", "mean" to listOf("0"), "std" to listOf(0), "digit" to mapOf("center" to "box")
        )
        for ((name, value) in changes) {
            val error = assertThrows(name, ModelException::class.java) {
                ImageSpec.read(JsonWriter.write(spec + (name to value)))
            }
            val expected = Regex("preprocess.json.*$name.*; export the model again")
            assertTrue(error.message, expected.matches(error.message.orEmpty()))
        }
        for (name in spec.keys) {
            val error = assertThrows(ModelException::class.java) { ImageSpec.read(JsonWriter.write(spec - name)) }
            assertTrue(error.message, "$name is missing" in error.message.orEmpty())
        }
    }

    @Test
    fun `a catalogue of a newer format or with an invalid door is refused`() {
        val entry = mapOf(
            "recipe" to "r",
            "variant" to "fp32",
            "path" to "r.tflite",
            "sha256" to "0".repeat(64),
            "screen" to "gallery",
            "default" to true,
            "door" to mapOf("dog" to listOf(1, 2), "cat" to listOf(3, 3)),
            "later" to 1
        )
        fun read(format: String, entry: Map<String, Any?>) =
            Catalog.read(JsonWriter.write(mapOf("format" to format, "models" to listOf(entry))))
        val known = "handset.catalog/1"
        assertEquals(3..3, read(known, entry).models.single().door?.cat)
        assertEquals(null, read(known, entry - "door").models.single().door)
        assertThrows(CatalogException::class.java) { read("handset.catalog/2", entry) }
        val doors = listOf(listOf(2, 1), listOf(1), listOf(1, 2, 3), listOf(-1, 2), listOf("1", 2))
        for (dog in doors) {
            val door = mapOf("dog" to dog, "cat" to listOf(3, 3))
            assertThrows("$dog", CatalogException::class.java) { read(known, entry + ("door" to door)) }
        }
    }

    @Test
    fun `any text can be made a line`() {
        assertEquals("a b ? c", " a\r\n\tb \uD800 \u2028c\u0085 ".oneLine())
        assertEquals(4096, "x".repeat(5000).oneLine().length)
    }
}
