package app.handset.core

import kotlin.random.Random
import org.junit.Assert.assertArrayEquals
import org.junit.Test

/** The result must not depend on the height of the strips, nor on the order in which they come. */
class StripsTest {
    @Test
    fun `strips of any height equal the whole, byte for byte`() {
        for ((width, height) in SIZES) {
            for (resize in Resize.entries) {
                for (orientation in Exif.ORIENTATIONS) compare(width, height, resize, orientation)
            }
        }
    }

    private fun compare(width: Int, height: Int, resize: Resize, orientation: Int) {
        val pixels = noise(width, height)
        for ((channels, crop) in listOf(1 to null, 3 to CenterSquare(7, 8))) {
            val resampler = Resampler(SIDE, SIDE + 1, channels, resize, crop)
            val whole = resampler.levels(pixels, width, height, orientation, height)
            for (rows in HEIGHTS) {
                val strips = resampler.levels(pixels, width, height, orientation, rows)
                val what = "$width x $height, ${resize.text}: strips of $rows rows, turned $orientation"
                assertArrayEquals(what, whole, strips)
            }
        }
    }

    /** The levels from strips of [rows] rows, which come in a shuffled order. */
    private fun Resampler.levels(pixels: IntArray, width: Int, height: Int, orientation: Int, rows: Int): ByteArray {
        begin(width, height, orientation)
        for (first in (0 until height step rows).shuffled(Random(rows))) {
            rows(pixels, first * width, width, first, minOf(rows, height - first))
        }
        return ByteArray(SIDE * (SIDE + 1) * CHANNELS).also(::finish)
    }

    private fun noise(width: Int, height: Int): IntArray =
        Random(width + height).let { random -> IntArray(width * height) { random.nextInt() } }

    private companion object {
        const val SIDE = 57
        const val CHANNELS = 3
        val HEIGHTS = listOf(1, 7, 64)
        val SIZES = listOf(1 to 1, 1 to 97, 97 to 1, 31 to 257, 255 to 129, 223 to 225, 640 to 479)
    }
}
