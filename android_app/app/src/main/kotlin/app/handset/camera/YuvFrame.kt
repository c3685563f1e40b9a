package app.handset.camera

import java.nio.ByteBuffer

/** One plane of a camera frame: samples [rowStride] and [pixelStride] bytes apart. */
class Plane(val samples: ByteBuffer, val rowStride: Int, val pixelStride: Int)

/**
 * Converts a camera's YUV 4:2:0 to the pixels of the core: BT.601, full range, as in JPEG and from Android's cameras,
 * in 16-bit fixed point. Two by two pixels share their chroma.
 */
class YuvFrame(val width: Int, val height: Int) {
    /** The pixels, row by row; overwritten by every [read]. */
    val pixels = IntArray(width * height)

    fun read(luma: Plane, blue: Plane, red: Plane) {
        for (y in 0 until height) {
            val lumaRow = y * luma.rowStride
            val blueRow = y / 2 * blue.rowStride
            val redRow = y / 2 * red.rowStride
            for (x in 0 until width) {
                val level = luma.at(lumaRow + x * luma.pixelStride) shl SHIFT
                val u = blue.at(blueRow + x / 2 * blue.pixelStride) - MIDDLE
                val v = red.at(redRow + x / 2 * red.pixelStride) - MIDDLE
                val r = level + 91881 * v
                val g = level - 22554 * u - 46802 * v
                val b = level + 116130 * u
                pixels[y * width + x] = OPAQUE or (rounded(b) shl 16) or (rounded(g) shl 8) or rounded(r)
            }
        }
    }

    private fun Plane.at(index: Int): Int = samples.get(index).toInt() and 0xff

    private fun rounded(sum: Int): Int = (sum + HALF shr SHIFT).coerceIn(0, 255)

    private companion object {
        const val SHIFT = 16
        const val HALF = 1 shl 15
        const val MIDDLE = 128
        const val OPAQUE = 0xff shl 24
    }
}
