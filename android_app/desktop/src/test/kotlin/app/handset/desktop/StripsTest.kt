package app.handset.desktop

import app.handset.core.CenterSquare
import app.handset.core.Exif
import app.handset.core.Resampler
import app.handset.core.Resize
import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** The result must not depend on the height of the strips, nor on the order in which they come. */
class StripsTest {
    private fun sizes(): List<Pair<Int, Int>> =
        listOf(1 to 1, 1 to 97, 97 to 1, 31 to 257, 255 to 129, 223 to 225, 640 to 479)

    @TestFactory
    fun `strips of any height equal the whole, byte for byte`(): List<DynamicTest> =
        sizes().flatMap { (width, height) ->
            Resize.entries.map { resize ->
                dynamicTest("$width x $height, ${resize.text}") {
                    val pixels = noise(width, height)
                    for (orientation in Exif.ORIENTATIONS) {
                        for ((channels, crop) in listOf(1 to null, 3 to CenterSquare(7, 8))) {
                            val resampler = Resampler(SIDE, SIDE + 1, channels, resize, crop)
                            val whole = resampler.levels(pixels, width, height, orientation, height)
                            for (rows in HEIGHTS) {
                                val strips = resampler.levels(pixels, width, height, orientation, rows)
                                assertArrayEquals(whole, strips, "strips of $rows rows, turned $orientation")
                            }
                        }
                    }
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

    @Test
    fun `fifty megapixels pass through a few megabytes, turned or not`() {
        val strip = noise(WIDE, STRIP)
        for (orientation in listOf(Exif.UPRIGHT, TURNED)) {
            val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
            val before = threads.currentThreadAllocatedBytes
            val resampler = Resampler(INPUT, INPUT, CHANNELS, Resize.PILLOW_BILINEAR, CenterSquare(1, 1))
            resampler.begin(WIDE, HIGH, orientation)
            for (first in 0 until HIGH step STRIP) resampler.rows(strip, 0, WIDE, first, minOf(STRIP, HIGH - first))
            resampler.finish(ByteArray(INPUT * INPUT * CHANNELS))
            val allocatedBytes = threads.currentThreadAllocatedBytes - before
            println("50 megapixels, orientation $orientation: ${allocatedBytes / 1000} kB beside the strip")
            assertTrue(allocatedBytes < LIMIT_BYTES, "$allocatedBytes bytes")
        }
    }

    private companion object {
        const val SIDE = 57
        const val INPUT = 224
        const val CHANNELS = 3
        const val TURNED = 6
        const val WIDE = 8688
        const val HIGH = 5792
        const val STRIP = 64
        const val LIMIT_BYTES = 32_000_000L
        val HEIGHTS = listOf(1, 7, 64)
    }
}
