package app.handset.picture

import app.handset.core.Exif
import app.handset.core.Golden
import app.handset.core.PictureSink
import app.handset.core.onWhite
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Android's own decoders, as Robolectric carries them, on the pictures of the golden cases. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class BitmapDecoderTest {
    private val files = checkNotNull(Golden.folder.resolve("preprocess/files").listFiles())

    @Test
    fun `lossless pictures are decoded to the levels that the desktop has`() {
        val pictures = files.filter { it.extension in LOSSLESS }.sorted()
        assertTrue(pictures.map { it.extension }.containsAll(LOSSLESS))
        for (picture in pictures) {
            val stored = Whole().apply { BitmapDecoder().decode(picture.readBytes(), picture.name, this) }
            assertArrayEquals(picture.name, onWhite(pixels(picture)), onWhite(stored.pixels))
        }
    }

    private fun pixels(picture: File): IntArray {
        val data = picture.resolveSibling("${picture.nameWithoutExtension}.rgba").readBytes()
        val stored = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer()
        return IntArray(stored.remaining()).also(stored::get)
    }

    private fun onWhite(pixels: IntArray) = IntArray(pixels.size) { onWhite(pixels[it]) and COLOUR }

    /** Keeps a picture as it is stored. */
    private class Whole : PictureSink {
        var pixels = IntArray(0)

        override fun begin(width: Int, height: Int, orientation: Int) {
            assertTrue(orientation in Exif.ORIENTATIONS)
        }

        override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) {
            this.pixels = pixels.copyOf() // whole, as these pictures are small
        }
    }

    private companion object {
        val LOSSLESS = setOf("png", "gif", "webp")
        const val COLOUR = 0xffffff
    }
}
