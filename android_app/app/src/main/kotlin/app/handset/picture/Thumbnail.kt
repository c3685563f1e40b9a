package app.handset.picture

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import app.handset.core.PictureHeader

/** A picture for the user to look at: small enough for the screen, and upright. Never used as model input. */
object Thumbnail {
    /**
     * A bitmap whose longer side has [side] to twice as many pixels, or as many as there are; null for a damaged
     * picture.
     */
    fun of(data: ByteArray, header: PictureHeader, side: Int): Bitmap? {
        val options = BitmapFactory.Options()
        options.inSampleSize = sampleSize(maxOf(header.width, header.height), side)
        val stored = BitmapFactory.decodeByteArray(data, 0, data.size, options) ?: return null
        val turn = turn(header.orientation)
        if (turn.isIdentity) return stored
        return Bitmap.createBitmap(stored, 0, 0, stored.width, stored.height, turn, true)
    }

    /** The power of two that brings [longer] down to [side] or just above it. */
    fun sampleSize(longer: Int, side: Int): Int = Integer.highestOneBit(maxOf(1, longer / side))

    /** What makes a stored picture upright; numbered as in EXIF 2.32. */
    private fun turn(orientation: Int) = Matrix().apply {
        when (orientation) {
            2 -> setScale(-1f, 1f)

            3 -> setRotate(180f)

            4 -> setScale(1f, -1f)

            5 -> {
                setRotate(90f)
                postScale(-1f, 1f)
            }

            6 -> setRotate(90f)

            7 -> {
                setRotate(-90f)
                postScale(-1f, 1f)
            }

            8 -> setRotate(-90f)
        }
    }
}
