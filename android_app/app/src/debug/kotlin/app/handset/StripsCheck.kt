package app.handset

import android.graphics.Bitmap
import app.handset.core.PictureDecoder
import app.handset.core.Resampler
import app.handset.core.Resize
import app.handset.picture.BitmapDecoder
import java.io.ByteArrayOutputStream
import kotlin.random.Random

/**
 * Whether a picture that Android decodes in strips has the same levels as when it is decoded whole.
 *
 * The picture is made here: noise of [width] × [height] pixels, partly transparent where [format] allows it.
 */
internal class StripsCheck(private val format: Bitmap.CompressFormat, private val width: Int, private val height: Int) :
    Check {
    override val name = "strips_equal_the_whole[$format $width x $height]"

    override fun failure(): String? {
        val data = encoded()
        val whole = levels(data, BitmapDecoder(wholePixels = Long.MAX_VALUE))
        val strips = levels(data, BitmapDecoder(wholePixels = 0))
        val wrong = whole.indices.filter { whole[it] != strips[it] }
        if (wrong.isEmpty()) return null
        val largest = wrong.maxOf { Math.abs((whole[it].toInt() and BYTE) - (strips[it].toInt() and BYTE)) }
        return "$name: ${wrong.size} of ${whole.size} levels differ, by at most $largest, " +
            "first in row ${wrong.first() / CHANNELS / width}"
    }

    private fun encoded(): ByteArray {
        val random = Random(width + height)
        val bitmap = Bitmap.createBitmap(IntArray(width * height) { random.nextInt() }, width, height, CONFIG)
        return ByteArrayOutputStream().also { bitmap.compress(format, QUALITY, it) }.toByteArray()
    }

    /** The levels of all pixels: the resampler at equal sizes changes nothing. */
    private fun levels(data: ByteArray, decoder: PictureDecoder): ByteArray {
        val resampler = Resampler(width, height, CHANNELS, Resize.PILLOW_BILINEAR, crop = null)
        decoder.decode(data, name, resampler)
        return ByteArray(width * height * CHANNELS).also(resampler::finish)
    }

    companion object {
        private const val CHANNELS = 3
        private const val QUALITY = 90
        private const val BYTE = 0xff
        private val CONFIG = Bitmap.Config.ARGB_8888
        private val SIZES = listOf(1 to 1, 97 to 193, 641 to 479)

        /** Sizes of less than a strip, of a few strips, and of many strips and an incomplete one. */
        @Suppress("DEPRECATION") // WEBP_LOSSY needs Android 11
        fun all(): List<StripsCheck> =
            listOf(Bitmap.CompressFormat.JPEG, Bitmap.CompressFormat.PNG, Bitmap.CompressFormat.WEBP).flatMap {
                SIZES.map { (width, height) -> StripsCheck(it, width, height) }
            }
    }
}
