package app.handset.picture

import android.graphics.Bitmap
import android.graphics.Color
import app.handset.core.InputException
import java.nio.IntBuffer

/**
 * A bitmap's pixels as they are stored; `getPixels` would convert them to sRGB and unpremultiply them.
 *
 * Android stores red first. Builds of its graphics for desktops store blue first; [isBlueFirst] finds out which.
 */
object Pixels {
    private val isBlueFirst: Boolean by lazy {
        val red = Bitmap.createBitmap(1, 1, Bitmap.Config.ARGB_8888).apply { eraseColor(Color.RED) }
        stored(red).single() and BYTE == 0
    }

    /**
     * Red in the lowest byte and alpha in the highest, as the core has it; [InputException] for a bitmap that is not
     * ARGB_8888.
     */
    fun of(bitmap: Bitmap): IntArray {
        if (bitmap.config != Bitmap.Config.ARGB_8888) {
            throw InputException("the picture's pixels are ${bitmap.config}, not ARGB_8888; copy it as ARGB_8888")
        }
        return stored(bitmap).also { if (isBlueFirst) swapRedAndBlue(it) }
    }

    private fun stored(bitmap: Bitmap) =
        IntArray(bitmap.width * bitmap.height).also { bitmap.copyPixelsToBuffer(IntBuffer.wrap(it)) }

    private fun swapRedAndBlue(pixels: IntArray) {
        for (at in pixels.indices) {
            val pixel = pixels[at]
            pixels[at] = pixel and GREEN_AND_ALPHA or (pixel and BYTE shl BLUE) or (pixel ushr BLUE and BYTE)
        }
    }

    private const val BYTE = 0xff
    private const val BLUE = 16
    private const val GREEN_AND_ALPHA = 0xff00ff00.toInt()
}
