package app.handset.tests

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import app.handset.core.PictureSink
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.util.zip.ZipFile
import kotlin.random.Random

/** Real photographs: those on which the export compared the models. */
object Photographs {
    private val ARCHIVE = Device.ROOT.resolve("build/models/efficientnet_lite0/reference/inputs.zip")
    private const val AFTER_HEADER = 33

    val names: List<String> by lazy { ZipFile(ARCHIVE).use { zip -> zip.entries().toList().map { it.name } } }

    fun bytes(name: String): ByteArray = ZipFile(ARCHIVE).use { it.getInputStream(it.getEntry(name)).readBytes() }

    /** A URI that gives [data], as another app would share it. */
    fun share(name: String, data: ByteArray): Uri {
        PictureProvider.install()
        PictureProvider.put(name, data)
        return PictureProvider.uri(name)
    }

    /** A PNG of noise. */
    fun noise(width: Int, height: Int): ByteArray {
        val random = Random(0)
        val pixels = IntArray(width * height) { random.nextInt() }
        return png(Bitmap.createBitmap(pixels, width, height, Bitmap.Config.ARGB_8888))
    }

    private fun png(bitmap: Bitmap): ByteArray =
        ByteArrayOutputStream().also { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()

    /** Ignores the picture, for tests of how it is decoded. */
    object IgnoringSink : PictureSink {
        override fun begin(width: Int, height: Int, orientation: Int) = Unit

        override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) = Unit
    }

    /** The same picture as a camera held in [orientation] stores it, with that orientation in its EXIF block. */
    fun turned(data: ByteArray, orientation: Int): ByteArray {
        val upright = BitmapFactory.decodeByteArray(data, 0, data.size)
        val (wide, high) = upright.width to upright.height
        val crossed = orientation >= 5
        val stored = Bitmap.createBitmap(
            if (crossed) high else wide,
            if (crossed) wide else high,
            Bitmap.Config.ARGB_8888
        )
        for (y in 0 until stored.height) {
            for (x in 0 until stored.width) {
                val (ux, uy) = upright(x, y, stored.width, stored.height, orientation)
                stored.setPixel(x, y, upright.getPixel(ux, uy))
            }
        }
        val png = png(stored)
        return png.copyOf(AFTER_HEADER) + exif(orientation) + png.drop(AFTER_HEADER)
    }

    /** Where the stored pixel is in the upright picture; EXIF 2.32, table of orientations. */
    private fun upright(x: Int, y: Int, wide: Int, high: Int, orientation: Int): Pair<Int, Int> = when (orientation) {
        1 -> x to y
        2 -> wide - 1 - x to y
        3 -> wide - 1 - x to high - 1 - y
        4 -> x to high - 1 - y
        5 -> y to x
        6 -> high - 1 - y to x
        7 -> high - 1 - y to wide - 1 - x
        else -> y to wide - 1 - x
    }

    /** The EXIF chunk of a PNG. */
    fun exif(orientation: Int): ByteArray {
        val tiff = ByteBuffer.allocate(26)
        tiff.put("MM".toByteArray()).putShort(42).putInt(8)
        tiff.putShort(1).putShort(0x0112).putShort(3).putInt(1).putShort(orientation.toShort()).putShort(0).putInt(0)
        return OtherKinds.chunk("eXIf", tiff.array())
    }
}
