package app.handset.core

/*
 * A pixel is an Int with red in the lowest byte, then green, blue, and straight alpha in the highest: what
 * `Bitmap.copyPixelsToBuffer` puts into an IntBuffer.
 */

private const val BYTE = 0xff
private const val OPAQUE = 255
private const val HALF = 127
private const val WHITE = 255
private const val GREEN_SHIFT = 8
private const val BLUE_SHIFT = 16
private const val ALPHA_SHIFT = 24

fun red(pixel: Int): Int = pixel and BYTE

fun green(pixel: Int): Int = pixel ushr GREEN_SHIFT and BYTE

fun blue(pixel: Int): Int = pixel ushr BLUE_SHIFT and BYTE

/** An opaque pixel of three levels. */
fun pixelOf(red: Int, green: Int, blue: Int): Int =
    OPAQUE shl ALPHA_SHIFT or (blue shl BLUE_SHIFT) or (green shl GREEN_SHIFT) or red

/** An opaque grey pixel. */
fun greyPixel(level: Int): Int = pixelOf(level, level, level)

/** The pixel composited on white, to the nearest level; opaque pixels do not change. */
fun onWhite(pixel: Int): Int {
    val alpha = pixel ushr ALPHA_SHIFT
    if (alpha == OPAQUE) return pixel
    return pixelOf(over(red(pixel), alpha), over(green(pixel), alpha), over(blue(pixel), alpha))
}

private fun over(level: Int, alpha: Int): Int = (level * alpha + WHITE * (OPAQUE - alpha) + HALF) / OPAQUE

/** ITU-R 601 in 16-bit fixed point, as Pillow has it; grey gives itself back. */
fun luma(pixel: Int): Int = 19595 * red(pixel) + 38470 * green(pixel) + 7471 * blue(pixel) + 32768 shr 16
