package app.handset.tests

import android.graphics.Bitmap
import android.graphics.Color
import app.handset.core.Exif
import app.handset.core.ImageSpec
import app.handset.core.Preprocessor
import app.handset.core.Resize
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.picture.Pixels
import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** What lies between Android's bitmap and the tensor. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class CopiesTest {
    private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

    @Test
    fun `between bitmap and tensor there is one copy`() {
        val bitmap = Bitmap.createBitmap(WIDE, HIGH, Bitmap.Config.ARGB_8888).apply { eraseColor(Color.GRAY) }
        val halves = List(CHANNELS) { 127.5 }
        val input = TensorInfo(TensorType.FLOAT32, listOf(SIDE, SIDE, CHANNELS), null)
        val spec = ImageSpec(SIDE, SIDE, CHANNELS, null, Resize.PILLOW_BILINEAR, halves, halves, null)
        val preprocessor = Preprocessor(spec, input)
        val tensor = ByteBuffer.allocateDirect(input.bytes).order(ByteOrder.nativeOrder())
        fun preprocess() = preprocessor.picture(Pixels.of(bitmap), WIDE, HIGH, Exif.UPRIGHT, tensor)
        repeat(WARM_UPS) { preprocess() }
        val before = threads.currentThreadAllocatedBytes
        preprocess()
        val allocatedBytes = threads.currentThreadAllocatedBytes - before
        val copyBytes = WIDE * HIGH * Int.SIZE_BYTES.toLong()
        println("$allocatedBytes bytes between bitmap and tensor; the pixels have $copyBytes")
        assertTrue("$allocatedBytes bytes", allocatedBytes in copyBytes..copyBytes + SLACK_BYTES)
    }

    private companion object {
        const val WIDE = 641
        const val HIGH = 479
        const val SIDE = 56
        const val CHANNELS = 3
        const val WARM_UPS = 3

        /** Whatever Robolectric needs to call a native method. */
        const val SLACK_BYTES = 50_000L
    }
}
