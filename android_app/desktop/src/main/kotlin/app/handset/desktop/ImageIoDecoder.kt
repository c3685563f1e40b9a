package app.handset.desktop

import app.handset.core.InputException
import app.handset.core.PictureDecoder
import app.handset.core.PictureFormat
import app.handset.core.PictureHeader
import app.handset.core.PictureSink
import app.handset.core.pixelOf
import java.awt.image.BufferedImage
import java.awt.image.ColorModel
import java.awt.image.IndexColorModel
import java.awt.image.Raster
import java.io.ByteArrayInputStream
import java.io.IOException
import javax.imageio.ImageIO
import javax.imageio.ImageReader
import javax.imageio.event.IIOReadWarningListener
import javax.imageio.stream.MemoryCacheImageInputStream
import org.w3c.dom.Element

/**
 * The JVM's own decoders. PNG and GIF are exact; a JPEG may differ from libjpeg-turbo's, and from a phone's, by a few
 * levels, and WebP is not read at all.
 *
 * Samples are taken from the raster, because the JVM's colour conversion changes grey levels.
 */
class ImageIoDecoder : PictureDecoder {
    override fun decode(data: ByteArray, name: String, sink: PictureSink) {
        val header = PictureHeader.read(data, name)
        if (header.format == PictureFormat.WEBP) throw InputException("$name: the JVM reads no WebP; convert it to PNG")
        val image =
            try {
                read(data, header.format)
            } catch (error: IOException) {
                throw InputException("$name: damaged, ${error.message}; copy or save it again", error)
            }
        if (image.left + image.picture.width > header.width || image.top + image.picture.height > header.height) {
            throw InputException("$name: damaged, it is larger than its header says; copy or save it again")
        }
        val pixels = StoredPixels(image.picture)
        val frame = IntArray(image.picture.width)
        sink.begin(header.width, header.height, header.orientation)
        for (y in 0 until header.height) {
            val row = IntArray(header.width) // transparent, where the first frame of a GIF does not fill the canvas
            if (y - image.top in 0 until image.picture.height) {
                pixels.read(y - image.top, frame)
                frame.copyInto(row, image.left)
            }
            sink.rows(row, 0, row.size, y, 1)
        }
    }

    /** A picture, and where it lies on its canvas. */
    private class Placed(val picture: BufferedImage, val left: Int, val top: Int)

    private fun read(data: ByteArray, format: PictureFormat): Placed {
        val reader = ImageIO.getImageReadersByFormatName(format.name).next()
        try {
            MemoryCacheImageInputStream(ByteArrayInputStream(data)).use { stream ->
                reader.input = stream
                val warnings = Warnings()
                reader.addIIOReadWarningListener(warnings)
                val picture = reader.read(0).also { warnings.requireComplete() }
                return if (format == PictureFormat.GIF) onCanvas(reader, picture) else Placed(picture, 0, 0)
            }
        } finally {
            reader.dispose()
        }
    }

    private fun onCanvas(reader: ImageReader, picture: BufferedImage): Placed {
        val metadata = reader.getImageMetadata(0).getAsTree(GIF_METADATA) as Element
        val place = metadata.getElementsByTagName("ImageDescriptor").item(0) as Element
        return Placed(
            picture,
            place.getAttribute("imageLeftPosition").toInt(),
            place.getAttribute("imageTopPosition").toInt()
        )
    }

    /** Java's JPEG reader only warns of missing data, and fills it with grey: here a warning is an error. */
    private class Warnings : IIOReadWarningListener {
        private val found = ArrayList<String>()

        override fun warningOccurred(source: ImageReader, warning: String) {
            found += warning
        }

        fun requireComplete() {
            found.firstOrNull { "Premature" in it || "Corrupt" in it }?.let { throw IOException(it) }
        }
    }

    private companion object {
        const val GIF_METADATA = "javax_imageio_gif_image_1.0"
    }
}

/** The levels of an image as its file has them, scaled to 0..255. */
private class StoredPixels(image: BufferedImage) {
    private val raster: Raster = image.raster
    private val colors: ColorModel = image.colorModel
    private val bands = raster.numBands
    private val samples = IntArray(raster.width * bands)
    private val highest = (1 shl raster.sampleModel.getSampleSize(0)) - 1

    fun read(y: Int, into: IntArray) {
        raster.getPixels(0, y, raster.width, 1, samples)
        for (x in into.indices) into[x] = pixel(x * bands)
    }

    private fun pixel(at: Int): Int {
        if (colors is IndexColorModel) return swapped(colors.getRGB(samples[at]))
        val alpha = if (colors.hasAlpha()) samples[at + bands - 1] else OPAQUE
        val opaque =
            if (bands < RGB) {
                val grey = samples[at] * OPAQUE / highest
                pixelOf(grey, grey, grey)
            } else {
                pixelOf(samples[at], samples[at + 1], samples[at + 2])
            }
        return opaque and OPAQUE_MASK or (alpha shl ALPHA_SHIFT)
    }

    /** Java stores red where a pixel of the core has blue. */
    private fun swapped(argb: Int): Int = pixelOf(argb ushr 16 and OPAQUE, argb ushr 8 and OPAQUE, argb and OPAQUE) and
        OPAQUE_MASK or (argb and OPAQUE_MASK.inv())

    private companion object {
        const val RGB = 3
        const val OPAQUE = 255
        const val OPAQUE_MASK = 0xffffff
        const val ALPHA_SHIFT = 24
    }
}
