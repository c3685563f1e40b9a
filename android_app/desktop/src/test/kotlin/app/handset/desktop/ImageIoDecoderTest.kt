package app.handset.desktop

import app.handset.core.InputException
import app.handset.core.PictureSink
import app.handset.core.PreprocessCase
import app.handset.core.blue
import app.handset.core.green
import app.handset.core.onWhite
import app.handset.core.red
import java.io.File
import kotlin.math.abs
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory

class ImageIoDecoderTest {
    private val pictures = PreprocessCase.all().filter { it.picture != null }

    private fun of(vararg extensions: String) = pictures.filter { it.picture?.extension in extensions }

    @TestFactory
    fun `png and gif give the golden tensors byte for byte`(): List<DynamicTest> = of("png", "gif").map { case ->
        dynamicTest(case.name) {
            val modelInput = case.modelInput { out ->
                ImageIoDecoder().decode(bytesOf(case), case.name, this)
                finish(out)
            }
            assertArrayEquals(case.tensor, modelInput)
        }
    }

    @TestFactory
    fun `jpeg differs by no more levels than expected of another decoder`(): List<DynamicTest> = of("jpg").map { case ->
        dynamicTest(case.name) {
            val decoded = Whole().apply { ImageIoDecoder().decode(bytesOf(case), case.name, this) }
            assertEquals(case.orientation, decoded.orientation)
            val largest = case.pixels().indices.maxOf { difference(case.pixels()[it], decoded.pixels[it]) }
            println("${case.name}: JPEG levels differ by at most $largest from libjpeg-turbo's")
            assertTrue(largest <= checkNotNull(case.maxLevelDifference), "$largest levels")
        }
    }

    @TestFactory
    fun `a picture cut anywhere is refused by name or decoded whole`(): List<DynamicTest> = pictures.map { case ->
        dynamicTest(case.name) {
            val data = bytesOf(case)
            for (size in 0 until data.size / 2 step 1 + data.size / CUTS) {
                val error = assertThrows(InputException::class.java, {
                    ImageIoDecoder().decode(data.copyOf(size), "cut", Whole())
                }, "cut to $size of ${data.size}")
                assertTrue(error.message.orEmpty().startsWith("cut: "), error.message)
            }
        }
    }

    private fun bytesOf(case: PreprocessCase): ByteArray = checkNotNull<File>(case.picture).readBytes()

    private fun difference(one: Int, other: Int): Int = listOf(::red, ::green, ::blue).maxOf { channel ->
        abs(channel(onWhite(one)) - channel(onWhite(other)))
    }

    /** Keeps a whole picture as it is stored. */
    private class Whole : PictureSink {
        var orientation = 0
        var pixels = IntArray(0)

        override fun begin(width: Int, height: Int, orientation: Int) {
            this.orientation = orientation
            pixels = IntArray(width * height)
        }

        override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) {
            for (row in 0 until count) {
                pixels.copyInto(
                    this.pixels,
                    (firstRow + row) * stride,
                    offset + row * stride,
                    offset + (row + 1) * stride
                )
            }
        }
    }

    private companion object {
        const val CUTS = 20
    }
}
