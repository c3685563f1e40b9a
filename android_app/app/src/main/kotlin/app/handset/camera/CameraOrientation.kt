package app.handset.camera

import android.graphics.Matrix
import android.graphics.RectF
import android.view.Surface
import app.handset.core.Geometry

/** How a camera's picture is turned relative to the screen. */
object CameraOrientation {
    /**
     * The EXIF orientation of a frame: its sensor is [sensorDegrees] clockwise off the device's natural orientation,
     * the screen is turned by [rotation] ([Surface.ROTATION_0] and the others).
     */
    fun exif(sensorDegrees: Int, rotation: Int, facesUser: Boolean): Int {
        val screen = degrees(rotation)
        val clockwise = (if (facesUser) sensorDegrees + screen else sensorDegrees - screen + FULL) % FULL
        return EXIF.getValue(clockwise)
    }

    private fun degrees(rotation: Int): Int = when (rotation) {
        Surface.ROTATION_90 -> 90
        Surface.ROTATION_180 -> 180
        Surface.ROTATION_270 -> 270
        else -> 0
    }

    /**
     * The transformation that fills a view of [viewWidth] × [viewHeight] with a preview of [width] × [height] sensor
     * pixels, undistorted.
     *
     * A TextureView turns frames for the natural orientation by itself, and stretches them to its own size: this undoes
     * both. On a sensor at 90 or 270 degrees the upright frame is as high as the buffer is wide.
     */
    fun preview(
        viewWidth: Float,
        viewHeight: Float,
        width: Int,
        height: Int,
        sensorDegrees: Int,
        rotation: Int
    ): Matrix {
        val matrix = Matrix()
        val crossed = sensorDegrees % HALF != 0
        val (naturalWidth, naturalHeight) = if (crossed) height to width else width to height
        val centerX = viewWidth / 2
        val centerY = viewHeight / 2
        matrix.postScale(naturalWidth / viewWidth, naturalHeight / viewHeight, centerX, centerY)
        matrix.postRotate(-degrees(rotation).toFloat(), centerX, centerY)
        val sideways = degrees(rotation) % HALF != 0
        val (seenWidth, seenHeight) = if (sideways) naturalHeight to naturalWidth else naturalWidth to naturalHeight
        val scale = maxOf(viewWidth / seenWidth, viewHeight / seenHeight)
        matrix.postScale(scale, scale, centerX, centerY)
        return matrix
    }

    /** Where the part of [frame] that is used lies on a view that the upright frame fills undistorted. */
    fun onView(frame: Geometry, viewWidth: Int, viewHeight: Int): RectF {
        val width = if (frame.turned) frame.height else frame.width
        val height = if (frame.turned) frame.width else frame.height
        val scale = maxOf(viewWidth.toFloat() / width, viewHeight.toFloat() / height)
        val left = (viewWidth - width * scale) / 2 + frame.crop.left * scale
        val top = (viewHeight - height * scale) / 2 + frame.crop.top * scale
        return RectF(left, top, left + frame.crop.width * scale, top + frame.crop.height * scale)
    }

    private const val FULL = 360
    private const val HALF = 180
    private val EXIF = mapOf(0 to 1, 90 to 6, 180 to 3, 270 to 8)
}
