package app.handset.picture

import android.graphics.Bitmap
import android.graphics.Color
import app.handset.core.InputException
import app.handset.core.blue
import app.handset.core.green
import app.handset.core.red
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class PixelsTest {
    @Test
    fun `red is in the lowest byte, whatever order the graphics store`() {
        val pixel = Pixels.of(
            Bitmap.createBitmap(1, 1, Bitmap.Config.ARGB_8888).apply { eraseColor(Color.rgb(1, 2, 3)) }
        ).single()
        assertEquals(listOf(1, 2, 3), listOf(red(pixel), green(pixel), blue(pixel)))
    }

    @Test
    fun `a bitmap whose pixels are stored otherwise is refused, not misread`() {
        for (config in listOf(Bitmap.Config.RGB_565, Bitmap.Config.RGBA_F16, Bitmap.Config.ALPHA_8)) {
            val error = assertThrows(InputException::class.java) { Pixels.of(Bitmap.createBitmap(2, 2, config)) }
            assertTrue("${error.message}", "$config, not ARGB_8888" in error.message.orEmpty())
        }
    }
}
