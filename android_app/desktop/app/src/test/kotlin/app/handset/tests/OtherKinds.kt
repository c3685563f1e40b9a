package app.handset.tests

import android.graphics.Bitmap
import android.graphics.Color
import android.graphics.ColorSpace
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.util.zip.CRC32
import java.util.zip.Deflater
import javax.imageio.ImageIO

/** Pictures of the kinds that the benchmark refuses by name, or whose profile it ignores. */
object OtherKinds {
    private val SIGNATURE = byteArrayOf(-119, 80, 78, 71, 13, 10, 26, 10)
    private const val DEEP = 257 // a level of 8 bits as one of 16
    private const val TRUECOLOUR = 2

    /** A PNG of 16 bits a channel; each of [pixels] is 0xRRGGBB. [exif] is a chunk, or nothing. */
    fun sixteenBits(pixels: IntArray, width: Int, height: Int, exif: ByteArray = ByteArray(0)): ByteArray {
        val rows = ByteBuffer.allocate(height * (1 + width * 6))
        for (y in 0 until height) {
            rows.put(0) // no filter
            for (pixel in pixels.copyOfRange(y * width, (y + 1) * width)) {
                for (shift in listOf(16, 8, 0)) rows.putShort(((pixel shr shift and 0xff) * DEEP).toShort())
            }
        }
        val header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(16).put(TRUECOLOUR.toByte())
        return SIGNATURE + chunk("IHDR", header.array()) + exif + chunk("IDAT", deflated(rows.array())) +
            chunk("IEND", ByteArray(0))
    }

    private fun deflated(data: ByteArray): ByteArray = ByteArray(data.size + 100).let { buffer ->
        val deflater = Deflater().apply {
            setInput(data)
            finish()
        }
        buffer.copyOf(deflater.deflate(buffer)).also { deflater.end() }
    }

    fun chunk(name: String, data: ByteArray): ByteArray {
        val named = name.toByteArray() + data
        val crc = CRC32().apply { update(named) }.value.toInt()
        return ByteBuffer.allocate(named.size + 8).putInt(data.size).put(named).putInt(crc).array()
    }

    /** A real file of that kind, see tests/golden/pictures. */
    fun golden(name: String): ByteArray = Device.ROOT.resolve("tests/golden/pictures/$name").readBytes()

    /** One colour of [space], with its profile, as Android itself writes it. */
    fun profiled(
        space: ColorSpace.Named,
        format: Bitmap.CompressFormat,
        red: Float,
        green: Float,
        blue: Float
    ): ByteArray {
        val bitmap = Bitmap.createBitmap(64, 48, Bitmap.Config.ARGB_8888, false, ColorSpace.get(space))
        bitmap.eraseColor(Color.pack(red, green, blue, 1f, ColorSpace.get(space)))
        return ByteArrayOutputStream().also { bitmap.compress(format, 100, it) }.toByteArray()
    }

    /** The pixels of [picture], each 0xRRGGBB. */
    fun pixels(picture: ByteArray): Triple<IntArray, Int, Int> {
        val image: BufferedImage = ImageIO.read(picture.inputStream())
        val pixels = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
        return Triple(pixels, image.width, image.height)
    }
}
