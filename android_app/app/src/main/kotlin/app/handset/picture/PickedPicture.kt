package app.handset.picture

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.util.Size
import app.handset.core.Exif
import app.handset.core.InputException
import app.handset.core.PictureDecoder
import app.handset.core.PictureHeader
import app.handset.model.Answer
import app.handset.model.Classifier
import java.io.IOException

/** A picture that the user chose, which no model has seen yet. */
class PickedPicture private constructor(
    private val data: ByteArray,
    private val decoder: PictureDecoder,
    /** Null for one that turns out to be damaged. */
    val thumbnail: Bitmap?,
    val size: Size,
    /** Whether its EXIF orientation turned it; Android turns by itself, and does not say so. */
    val isTurned: Boolean
) {
    /** Whether the model is not given the levels that the desktop would give it. */
    val isByAndroid: Boolean get() = decoder is AndroidDecoder

    /** The answer to it; [InputException] when it cannot be decoded. */
    fun classify(classifier: Classifier): Answer = classifier.picture(data, PictureReader.NAME, decoder)

    companion object {
        private const val THUMBNAIL_SIDE = 1440

        /**
         * The encoded picture in [data]; [InputException] when it cannot be decoded.
         *
         * What the benchmark reads is read as the benchmark reads it. What it refuses by name (HEIF, AVIF, more than 8
         * bits, CMYK) is left to Android, and so is what has colours beyond sRGB, whose profile the benchmark ignores.
         */
        fun open(data: ByteArray): PickedPicture = try {
            val header = PictureHeader.read(data, PictureReader.NAME)
            (if (hasWideGamut(data)) byAndroid(data) else null) ?: asTheBenchmark(data, header)
        } catch (refusal: InputException) {
            (if (refusal.isForeign) byAndroid(data) else null) ?: throw refusal
        }

        private fun asTheBenchmark(data: ByteArray, header: PictureHeader) = PickedPicture(
            data,
            BitmapDecoder(),
            Thumbnail.of(data, header, THUMBNAIL_SIDE),
            Size(header.width, header.height),
            isTurned = header.orientation != Exif.UPRIGHT
        )

        /** Null where this Android cannot decode it either. */
        private fun byAndroid(data: ByteArray): PickedPicture? {
            if (!AndroidDecoder.isHere) return null
            var size = Size(0, 0)
            return try {
                val thumbnail = AndroidDecoder.thumbnail(data, THUMBNAIL_SIDE) { size = it }
                PickedPicture(data, AndroidDecoder(), thumbnail, size, isTurned = false)
            } catch (_: IOException) {
                null
            }
        }

        private fun hasWideGamut(data: ByteArray): Boolean {
            val header = BitmapFactory.Options().apply { inJustDecodeBounds = true }
            BitmapFactory.decodeByteArray(data, 0, data.size, header)
            return header.outColorSpace?.isWideGamut == true
        }
    }
}
