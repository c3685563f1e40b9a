package app.handset.tests

import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.view.Surface
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentLinkedQueue
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow

/** An image of one grey, in YUV 4:2:0, which knows whether it was given back. */
class GreyImage(private val width: Int, private val height: Int, private val level: Byte) : Image() {
    @Volatile
    var isClosed = false
        private set

    private inner class GreyPlane(private val stride: Int, rows: Int, level: Byte) : Plane() {
        private val samples = ByteBuffer.wrap(ByteArray(stride * rows) { level })

        override fun getRowStride() = stride

        override fun getPixelStride() = 1

        override fun getBuffer(): ByteBuffer = samples.also { check(!isClosed) { "it was given back" } }
    }

    override fun getFormat() = ImageFormat.YUV_420_888

    override fun getWidth() = width

    override fun getHeight() = height

    override fun getTimestamp() = 0L

    override fun getTransform() = 0

    override fun getScalingMode() = 0

    override fun getPlanes(): Array<Plane> {
        val chroma = GreyPlane(width / 2, height / 2, 128.toByte())
        return arrayOf(GreyPlane(width, height, level), chroma, chroma)
    }

    override fun close() {
        check(!isClosed) { "closed twice" }
        isClosed = true
    }
}

/** A reader that is given its images by a test. */
@Implements(ImageReader::class)
class FakeImageReader {
    private val images = ConcurrentLinkedQueue<GreyImage>()
    private val acquired = ConcurrentLinkedQueue<GreyImage>()
    private lateinit var listener: ImageReader.OnImageAvailableListener
    private lateinit var handler: Handler
    private lateinit var real: ImageReader

    @Implementation
    fun setOnImageAvailableListener(listener: ImageReader.OnImageAvailableListener, handler: Handler) {
        this.listener = listener
        this.handler = handler
    }

    @Implementation
    fun getSurface(): Surface = Surface(SurfaceTexture(false))

    @Implementation
    fun acquireNextImage(): Image? = images.poll()?.also(acquired::add)

    /** Android takes the memory of the images that are still in use, too. */
    @Implementation
    fun close() {
        if (acquired.any { !it.isClosed }) FakeCameras.calls += "an image is lost"
    }

    companion object {
        @Volatile
        private var newest: FakeImageReader? = null

        @JvmStatic
        @Implementation
        fun newInstance(width: Int, height: Int, format: Int, buffers: Int): ImageReader {
            check(width > 0 && height > 0 && buffers > 1) { "$width x $height of $format, $buffers" }
            val made = Shadow.newInstanceOf(ImageReader::class.java)
            newest = Shadow.extract<FakeImageReader>(made).also { it.real = made }
            return made
        }

        /** The camera that runs has filled [image]. */
        fun fill(image: GreyImage) {
            val reader = checkNotNull(newest)
            reader.images += image
            reader.handler.post { reader.listener.onImageAvailable(reader.real) }
        }
    }
}
