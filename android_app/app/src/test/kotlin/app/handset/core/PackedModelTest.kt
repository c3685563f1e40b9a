package app.handset.core

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.ZipEntry
import java.util.zip.ZipException
import java.util.zip.ZipOutputStream
import kotlin.random.Random
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class PackedModelTest {
    private val models = Golden.folder.resolve("models")
    private val packed = models.resolve("colour_int8.tflite").readBytes()

    private fun of(data: ByteArray) = PackedModel.of(ByteBuffer.wrap(data))

    @Test
    fun `a packed model has its preprocessing and its labels`() {
        val model = of(packed)
        assertEquals(listOf(24, 24, 3), listOf(model.image.height, model.image.width, model.image.channels))
        assertEquals(4, model.labels(4).size)
        val error = assertThrows(ModelException::class.java) { model.labels(5) }
        assertEquals("the model has 4 labels for 5 outputs; pack it with one label a line", error.message)
    }

    @Test
    fun `a model without files is refused when one of them is read`() {
        val bare = of(models.resolve("bare_fp32.tflite").readBytes())
        val error = assertThrows(ModelException::class.java) { bare.image }
        assertEquals(
            "the model does not say how pixels are normalised; pack it with the mean and std it was trained with",
            error.message
        )
        assertThrows(ModelException::class.java) { bare.labels(4) }
    }

    @Test
    fun `a model with Google's metadata alone is resized as a whole, with the normalisation that they state`() {
        val standard = of(models.resolve("standard_fp32.tflite").readBytes())
        assertFalse(standard.hasPreprocessing)
        assertEquals(
            ImageSpec(24, 24, 3, null, Resize.BILINEAR_HALF_PIXEL, List(3) { 127.5 }, List(3) { 127.5 }, null),
            standard.image
        )
        assertEquals(of(packed).labels(4), standard.labels(4))
    }

    @Test
    fun `an 8-bit input without preprocessing takes pixels as they are`() {
        val standard = of(models.resolve("standard_int8.tflite").readBytes())
        val input = TensorInfo(TensorType.UINT8, listOf(24, 24, 3), Quantization(SCALE, ZERO_POINT))
        val table = PixelTable(standard.image, input)
        val levels = ByteArray(input.count) { it.toByte() }
        val fed = ByteBuffer.allocate(input.bytes)
        table.apply(levels, fed)
        assertArrayEquals(levels, fed.array())
    }

    @Test
    fun `a damaged model is read or refused, whatever byte is damaged`() {
        val random = Random(0)
        var refused = 0
        repeat(FLIPS) {
            val damaged = packed.copyOf()
            val at = damaged.size - 1 - random.nextInt(DIRECTORY_BYTES)
            damaged[at] = random.nextInt().toByte()
            try {
                of(damaged).image
            } catch (_: HandsetException) {
                refused++
            }
        }
        assertTrue("$refused", refused in 1 until FLIPS)
    }

    @Test
    fun `damage to Google's metadata is read or refused too`() {
        val standard = models.resolve("standard_fp32.tflite").readBytes()
        val random = Random(1)
        var refused = 0
        repeat(FLIPS) {
            val damaged = standard.copyOf()
            repeat(FLIPPED_BYTES) { damaged[random.nextInt(damaged.size)] = random.nextInt().toByte() }
            try {
                of(damaged).run { image to labels(4) }
            } catch (_: HandsetException) {
                refused++
            }
        }
        assertTrue("$refused", refused in 1 until FLIPS)
    }

    @Test
    fun `compressed files are read too, after whatever comes before`() {
        val text = "a".repeat(5000).toByteArray()
        val zip = ByteArrayOutputStream()
        ZipOutputStream(zip).use {
            it.putNextEntry(ZipEntry("labels.txt"))
            it.write(text)
        }
        val source = BufferSource(ByteBuffer.wrap(ByteArray(100) + zip.toByteArray()))
        val entry = ZipDirectory.read(source, 1).single()
        assertArrayEquals(text, source.content(entry, text.size))
        assertThrows(ZipException::class.java) { source.content(entry, text.size - 1) }
        assertThrows(ZipException::class.java) { source.content(entry.copy(bytes = text.size + 1L), 1 shl 20) }
        assertThrows(ZipException::class.java) { source.content(entry.copy(crc = 0), 1 shl 20) }
        assertThrows(ZipException::class.java) { source.content(entry.copy(offset = Long.MAX_VALUE), 1 shl 20) }
        assertThrows(ZipException::class.java) { ZipDirectory.read(source, 0) }
    }

    @Test
    fun `a 64-bit size that is negative is refused`() {
        val directory = ByteBuffer.allocate(46 + 20).order(ByteOrder.LITTLE_ENDIAN)
        directory.putInt(0, 0x02014b50).putInt(20, -1).putInt(24, -1).putShort(30, 20)
        directory.putShort(46, 1).putShort(48, 16).putLong(50, -1).putLong(58, -1)
        val end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN)
        end.putInt(0, 0x06054b50).putInt(12, directory.capacity())
        val source = BufferSource(ByteBuffer.wrap(directory.array() + end.array()))
        val error = assertThrows(ZipException::class.java) { ZipDirectory.read(source, 1) }
        assertEquals("its directory has a size of -1", error.message)
    }

    private companion object {
        const val FLIPS = 2000
        const val FLIPPED_BYTES = 20

        /** How the input of `standard_int8` stores real numbers. */
        const val SCALE = 0.007843137718737125
        const val ZERO_POINT = 127

        /** Where the files and their directory are. */
        const val DIRECTORY_BYTES = 700
    }
}
