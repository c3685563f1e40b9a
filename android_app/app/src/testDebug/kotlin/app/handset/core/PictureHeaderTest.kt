package app.handset.core

import kotlin.random.Random
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class PictureHeaderTest {
    private val cases = PreprocessCase.all().filter { it.picture != null }

    private fun bytesOf(case: PreprocessCase): ByteArray = checkNotNull(case.picture).readBytes()

    @Test
    fun `size and orientation of every golden picture are read from its header`() {
        for (case in cases) {
            val header = PictureHeader.read(bytesOf(case), case.name)
            assertEquals(case.name, listOf(case.width, case.height), listOf(header.width, header.height))
            assertEquals(case.name, case.orientation, header.orientation)
        }
        val formats = cases.map { PictureHeader.read(bytesOf(it), it.name).format }.toSet()
        assertEquals(PictureFormat.entries.toSet() - PictureFormat.BMP, formats)
    }

    @Test
    fun `any damage gives a refusal in one line or a header`() {
        val random = Random(0)
        for (case in cases) {
            val data = bytesOf(case)
            repeat(DAMAGES) {
                val damaged = data.copyOf(1 + random.nextInt(data.size))
                repeat(1 + random.nextInt(4)) { damaged[random.nextInt(damaged.size)] = random.nextInt().toByte() }
                try {
                    assertTrue(PictureHeader.read(damaged, "damaged").orientation in Exif.ORIENTATIONS)
                } catch (error: InputException) {
                    assertTrue(error.message, error.message.orEmpty().startsWith("damaged: "))
                }
            }
        }
    }

    @Test
    fun `what a decoder would narrow or convert is refused by name`() {
        fun refusal(data: ByteArray) =
            assertThrows(InputException::class.java) { PictureHeader.read(data, "p") }.message
        val png = bytesOf(cases.first { it.name == "rgb_alpha" })
        assertEquals("p: 16 bits a channel, 8 are read here; save it with 8", refusal(png.changed(24, 16)))
        val negative = (16 until 24).fold(png) { data, at -> data.changed(at, -1) } // whose product is 1
        assertEquals("p: damaged, it has no pixels; copy or save it again", refusal(negative))
        val huge = png.changed(17, 1).changed(21, 1)
        assertTrue(refusal(huge).orEmpty().endsWith("more than 200000000 pixels; scale it down"))
        val jpeg = bytesOf(cases.first { it.name == "jpeg_444" })
        val frame = (0 until jpeg.size).first { jpeg[it] == (-1).toByte() && jpeg[it + 1] == 0xc0.toByte() }
        val cmyk = "p: 4 channels (CMYK), grey or RGB is read here; save it as RGB"
        assertEquals(cmyk, refusal(jpeg.changed(frame + 9, 4)))
        assertEquals("p: 12 bits a channel, 8 are read here; save it with 8", refusal(jpeg.changed(frame + 4, 12)))
        fun foreign(kind: String) = "p: $kind, ${PictureFormat.entries} are read here; convert it"
        assertEquals(foreign("HEIF"), refusal(container("heic")))
        assertEquals(foreign("AVIF"), refusal(container("avif", "mif1")))
        assertEquals(foreign("HEIF"), refusal(container("mif1", "heic")))
        assertEquals(foreign("video"), refusal(container("isom", "mp41")))
        assertEquals(foreign("camera raw"), refusal(container("crx ")))
        assertEquals(foreign("video"), refusal(ByteArray(4) + "ftyp".toByteArray()))
        assertEquals(foreign("TIFF or camera raw"), refusal("II*\u0000".toByteArray()))
        assertEquals("p: 2 channels, grey or RGB is read here; save it as RGB", refusal(jpeg.changed(frame + 9, 2)))
        val lossless = "p: a lossless or hierarchical JPEG (frame C3) is not read here; save it as ordinary JPEG"
        assertEquals(lossless, refusal(jpeg.changed(frame + 1, 0xc3)))
        assertTrue(refusal(ByteArray(0)).orEmpty().startsWith("p: no picture"))
    }

    @Test
    fun `an OS 2 bitmap has sides of two bytes`() {
        val small = byteArrayOf(12, 0, 0, 0, 5, 0, 7, 0, 1, 0, 24, 0)
        val header = PictureHeader.read("BM".toByteArray() + ByteArray(12) + small + ByteArray(16), "p")
        assertEquals(listOf(5, 7), listOf(header.width, header.height))
    }

    @Test
    fun `a colour profile is taken out and nothing else`() {
        val jpeg = bytesOf(cases.first { it.name == "jpeg_444" })
        val profile = "ICC_PROFILE\u0000".toByteArray() + ByteArray(20) { it.toByte() }
        val segment = byteArrayOf(-1, -30, 0, (profile.size + 2).toByte()) + profile
        val two = jpeg.copyOf(2) + segment + segment + jpeg.copyOfRange(2, jpeg.size)
        assertArrayEquals(jpeg, ColourProfile.removed(two, PictureFormat.JPEG))
        assertSame(jpeg, ColourProfile.removed(jpeg, PictureFormat.JPEG))
        val png = bytesOf(cases.first { it.name == "rgb_alpha" })
        val chunk = byteArrayOf(0, 0, 0, 3) + "iCCP".toByteArray() + ByteArray(7)
        val profiled = png.copyOf(33) + chunk + png.copyOfRange(33, png.size)
        assertArrayEquals(png, ColourProfile.removed(profiled, PictureFormat.PNG))
    }

    @Test
    fun `an orientation may be short or long, in either byte order, and anything else is upright`() {
        fun block(order: String, type: Int, value: Int): ByteArray {
            val bytes = intArrayOf(0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, type, 0, 0, 0, 1)
            val stored = if (type == 3) intArrayOf(value shr 8, value, 0, 0) else intArrayOf(0, 0, value shr 8, value)
            val big = order.toByteArray() + (bytes + stored).map(Int::toByte)
            return if (order == "MM") big else swapped(big, type)
        }
        for (order in listOf("MM", "II")) {
            for (type in listOf(3, 4)) assertEquals("$order $type", 6, Exif.orientation(block(order, type, 6)))
            for (value in listOf(0, 9, 0x0106)) assertEquals("$value", 1, Exif.orientation(block(order, 3, value)))
            assertEquals(1, Exif.orientation(block(order, 5, 6)))
            assertEquals(8, Exif.orientation("Exif\u0000\u0000".toByteArray() + block(order, 3, 8)))
            for (size in 0 until 22) assertEquals("cut to $size", 1, Exif.orientation(block(order, 4, 6).copyOf(size)))
        }
    }

    /** A big-endian block of one entry, of [type], in little-endian order. */
    private fun swapped(big: ByteArray, type: Int): ByteArray {
        val sizes = listOf(2, 4, 2, 2, 2, 4) + if (type == 3) listOf(2, 2) else listOf(4)
        var at = 2
        return sizes.fold(big.copyOf(2)) { out, size ->
            out +
                big.copyOfRange(at, at + size).reversed().also { at += size }
        }
    }

    private fun container(vararg brands: String): ByteArray {
        val box = "ftyp" + brands.first() + "\u0000".repeat(4) + brands.drop(1).joinToString("")
        return byteArrayOf(0, 0, 0, (box.length + 4).toByte()) + box.toByteArray() + ByteArray(8)
    }

    private fun ByteArray.changed(at: Int, value: Int): ByteArray = copyOf().also { it[at] = value.toByte() }

    private companion object {
        const val DAMAGES = 300
    }
}
