package app.handset.picture

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.BitmapRegionDecoder
import android.graphics.Rect
import app.handset.core.ColourProfile
import app.handset.core.InputException
import app.handset.core.PictureDecoder
import app.handset.core.PictureHeader
import app.handset.core.PictureSink
import java.io.IOException

/**
 * Android's own decoders, with the levels that the file has: straight alpha, no scaling, no conversion to sRGB.
 *
 * A picture of up to [wholePixels] is decoded whole; a larger one in strips of about as many, where its format can be.
 * There are few strips, because for each one a decoder reads everything above it again.
 */
class BitmapDecoder(private val wholePixels: Long = wholePixelsHere()) : PictureDecoder {
    override fun decode(data: ByteArray, name: String, sink: PictureSink) {
        val header = PictureHeader.read(data, name)
        val plain = ColourProfile.removed(data, header.format)
        sink.begin(header.width, header.height, header.orientation)
        if (header.width.toLong() * header.height <= wholePixels) {
            whole(plain, name, header, sink)
        } else {
            strips(plain, name, header, sink)
        }
    }

    private fun whole(data: ByteArray, name: String, header: PictureHeader, sink: PictureSink) {
        val bitmap = BitmapFactory.decodeByteArray(data, 0, data.size, exact()) ?: throw damaged(name)
        if (bitmap.width != header.width || bitmap.height != header.height) throw damaged(name)
        sink.rows(bitmap.pixels(), 0, bitmap.width, 0, bitmap.height)
    }

    private fun strips(data: ByteArray, name: String, header: PictureHeader, sink: PictureSink) {
        val stripRows = maxOf(1, wholePixels / header.width / STRIP_ROWS).toInt() * STRIP_ROWS
        val decoder = regions(data, name)
        try {
            for (top in 0 until header.height step stripRows) {
                val rows = minOf(stripRows, header.height - top)
                val strip = decoder.decodeRegion(Rect(0, top, header.width, top + rows), exact()) ?: throw damaged(name)
                sink.rows(strip.pixels(), 0, strip.width, top, rows)
            }
        } finally {
            decoder.recycle()
        }
    }

    @Suppress("DEPRECATION") // its replacement without a second argument needs Android 12
    private fun regions(data: ByteArray, name: String): BitmapRegionDecoder = try {
        BitmapRegionDecoder.newInstance(data, 0, data.size, false) ?: throw damaged(name)
    } catch (error: IOException) {
        throw damaged(name, error)
    }

    private fun Bitmap.pixels(): IntArray = Pixels.of(this).also { recycle() }

    private fun exact() = BitmapFactory.Options().apply {
        inPreferredConfig = Bitmap.Config.ARGB_8888
        inPremultiplied = false
        inScaled = false
    }

    private fun damaged(name: String, cause: Throwable? = null) =
        InputException("$name: damaged, Android cannot decode it; copy or save it again", cause)

    companion object {
        /** A strip's height is a multiple of this: the blocks of a JPEG have 8 or 16 rows. */
        const val STRIP_ROWS = 64
        private const val BYTES_A_PIXEL = 8 // a bitmap and its copy
        private const val SHARE_OF_MEMORY = 3

        /** As many pixels as this app has memory for at once. */
        fun wholePixelsHere(): Long = Runtime.getRuntime().maxMemory() / SHARE_OF_MEMORY / BYTES_A_PIXEL
    }
}
