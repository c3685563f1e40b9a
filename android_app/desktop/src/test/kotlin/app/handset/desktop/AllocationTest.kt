package app.handset.desktop

import app.handset.core.CenterSquare
import app.handset.core.Exif
import app.handset.core.ImageSpec
import app.handset.core.Preprocessor
import app.handset.core.Quantization
import app.handset.core.Resampler
import app.handset.core.Resize
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

class AllocationTest {
    private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val frame = noise(WIDTH * HEIGHT)

    private fun noise(count: Int) = Random(0).let { random -> IntArray(count) { random.nextInt() } }

    @TestFactory
    fun `a frame allocates at most 64 bytes`(): List<DynamicTest> = TensorType.entries.flatMap { type ->
        listOf(Exif.UPRIGHT, TURNED).map { orientation -> case(type, orientation, Resize.PILLOW_BILINEAR) }
    }

    @TestFactory
    fun `no other filter allocates more`(): List<DynamicTest> =
        listOf(Resize.PILLOW_BICUBIC, Resize.PILLOW_NEAREST).flatMap { resize ->
            listOf(Exif.UPRIGHT, TURNED).map { orientation -> case(TensorType.UINT8, orientation, resize) }
        }

    private fun case(type: TensorType, orientation: Int, resize: Resize) =
        dynamicTest("${type.text}, turned $orientation, ${resize.text}") {
            val frameBytes = bytesPerFrame(type, orientation, resize)
            assertTrue(frameBytes <= LIMIT_BYTES, "$frameBytes bytes")
        }

    private fun bytesPerFrame(type: TensorType, orientation: Int, resize: Resize): Long {
        val quantization = if (type == TensorType.FLOAT32) null else Quantization(1 / 128.0, 0)
        val input = TensorInfo(type, listOf(SIDE, SIDE, CHANNELS), quantization)
        val preprocessor = Preprocessor(SPEC.copy(resize = resize), input)
        val out = ByteBuffer.allocateDirect(input.bytes).order(ByteOrder.nativeOrder())
        val preprocess = { preprocessor.picture(frame, WIDTH, HEIGHT, orientation, out) }
        repeat(WARM_UPS) { preprocess() }
        val before = threads.currentThreadAllocatedBytes
        repeat(FRAMES) { preprocess() }
        return (threads.currentThreadAllocatedBytes - before) / FRAMES
    }

    @Test
    fun `fifty megapixels pass through a few megabytes, turned or not`() {
        val strip = noise(WIDE * STRIP)
        for (orientation in listOf(Exif.UPRIGHT, TURNED)) {
            val before = threads.currentThreadAllocatedBytes
            val resampler = Resampler(INPUT, INPUT, CHANNELS, Resize.PILLOW_BILINEAR, CenterSquare(1, 1))
            resampler.begin(WIDE, HIGH, orientation)
            for (first in 0 until HIGH step STRIP) resampler.rows(strip, 0, WIDE, first, minOf(STRIP, HIGH - first))
            resampler.finish(ByteArray(INPUT * INPUT * CHANNELS))
            val allocatedBytes = threads.currentThreadAllocatedBytes - before
            println("50 megapixels, orientation $orientation: ${allocatedBytes / 1000} kB beside the strip")
            assertTrue(allocatedBytes < STRIPS_LIMIT_BYTES, "$allocatedBytes bytes")
        }
    }

    private companion object {
        const val WIDTH = 160
        const val HEIGHT = 120
        const val SIDE = 56
        const val CHANNELS = 3
        const val TURNED = 6
        const val WARM_UPS = 20
        const val FRAMES = 100
        const val LIMIT_BYTES = 64L
        const val INPUT = 224
        const val WIDE = 8688
        const val HIGH = 5792
        const val STRIP = 64
        const val STRIPS_LIMIT_BYTES = 32_000_000L
        val HALF = List(CHANNELS) { 127.5 }
        val SPEC = ImageSpec(SIDE, SIDE, CHANNELS, CenterSquare(7, 8), Resize.PILLOW_BILINEAR, HALF, HALF, null)
    }
}
