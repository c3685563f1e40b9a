package app.handset.camera

import android.graphics.ImageFormat
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.util.Size
import android.view.Surface
import app.handset.core.LatestOnly

/**
 * A camera's frames for [take], which is given the newest one, and the next when it has called `done`, from any thread.
 *
 * A frame is overwritten by the next one. For the camera's [thread]: it converts the images, and closes the reader
 * whose memory they are, so that neither happens during the other.
 */
internal class FrameSource(
    size: Size,
    private val thread: Handler,
    private val take: (frame: YuvFrame, done: () -> Unit) -> Unit
) : AutoCloseable {
    private val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, BUFFERS)
    private val frame = YuvFrame(size.width, size.height)
    private val waiting = LatestOnly<Image>()
    private var isFree = true
    private var isClosed = false

    /** Where the camera puts its images. */
    val surface: Surface get() = reader.surface

    init {
        reader.setOnImageAvailableListener({ receive() }, thread)
    }

    private fun receive() {
        if (isClosed) return
        reader.acquireNextImage()?.let(waiting::offer)
        give()
    }

    private fun give() {
        if (isClosed || !isFree) return
        val image = waiting.take() ?: return
        image.use(::convert)
        isFree = false
        take(frame) { thread.post(::release) }
    }

    private fun release() {
        isFree = true
        give()
    }

    private fun convert(image: Image) {
        val (luma, blue, red) = image.planes.map { Plane(it.buffer, it.rowStride, it.pixelStride) }
        frame.read(luma, blue, red)
    }

    override fun close() {
        isClosed = true
        waiting.close()
        reader.close()
    }

    private companion object {
        const val BUFFERS = 3 // one that waits, one that has just come, one for the camera to fill
    }
}
