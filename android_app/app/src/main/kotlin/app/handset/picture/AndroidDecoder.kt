package app.handset.picture

import android.annotation.TargetApi
import android.graphics.Bitmap
import android.graphics.ColorSpace
import android.graphics.ImageDecoder
import android.os.Build
import android.util.Size
import app.handset.core.Exif
import app.handset.core.InputException
import app.handset.core.PictureDecoder
import app.handset.core.PictureSink
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.math.ceil
import kotlin.math.sqrt

/**
 * Shows what [BitmapDecoder] does not read, as Android itself would: in sRGB, 8 bits, turned upright, and scaled down
 * where it is too large for the memory. Another phone, or the desktop, may give other levels.
 */
@TargetApi(Build.VERSION_CODES.P)
class AndroidDecoder(private val wholePixels: Long = BitmapDecoder.wholePixelsHere() / 2) : PictureDecoder {
    /** [InputException] for what this Android cannot decode. */
    override fun decode(data: ByteArray, name: String, sink: PictureSink) {
        val bitmap = try {
            bitmap(data, straight = true) { ceil(sqrt(it.width.toDouble() * it.height / wholePixels)).toInt() }
        } catch (error: IOException) {
            throw InputException("$name: Android cannot decode it; convert it to JPEG", error)
        }
        sink.begin(bitmap.width, bitmap.height, Exif.UPRIGHT)
        sink.rows(Pixels.of(bitmap), 0, bitmap.width, 0, bitmap.height)
        bitmap.recycle()
    }

    companion object {
        /** Whether this version of Android has it. */
        val isHere: Boolean get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P

        /**
         * The picture in [data] to look at, as [Thumbnail.of] gives it, and its upright size, which [sized] is told;
         * [IOException] where Android cannot decode it.
         */
        fun thumbnail(data: ByteArray, side: Int, sized: (Size) -> Unit): Bitmap = bitmap(data, straight = false) {
            sized(it)
            Thumbnail.sampleSize(maxOf(it.width, it.height), side)
        }

        private fun bitmap(data: ByteArray, straight: Boolean, sample: (Size) -> Int): Bitmap {
            val source = ImageDecoder.createSource(ByteBuffer.wrap(data))
            val decoded = ImageDecoder.decodeBitmap(source) { decoder, info, _ ->
                decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
                decoder.setTargetColorSpace(ColorSpace.get(ColorSpace.Named.SRGB))
                decoder.isUnpremultipliedRequired = straight
                decoder.setTargetSampleSize(maxOf(1, sample(info.size)))
            }
            return if (decoded.config == Bitmap.Config.ARGB_8888) decoded else eightBits(decoded)
        }

        /** What has more bits is decoded to half floats, or to ten bits. */
        private fun eightBits(decoded: Bitmap): Bitmap =
            (decoded.copy(Bitmap.Config.ARGB_8888, false) ?: throw IOException("no copy")).also { decoded.recycle() }
    }
}
