package app.handset.screen

import android.app.Activity
import android.graphics.SurfaceTexture
import android.view.Surface
import android.view.TextureView
import android.view.View
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.camera.CameraOrientation
import app.handset.camera.Facing
import app.handset.core.Geometry
import app.handset.core.ImageSpec
import app.handset.view.SquareView

/** What the user sees of a camera: its picture, upright and undistorted, and the square that the model is given. */
class Preview(root: View, private val activity: Activity, private val canvas: Canvas) {
    /** Told when there is something for a camera to draw on, and when not any more. */
    interface Canvas {
        fun onReady()

        /** The camera must be closed, and then [texture] be released: one that draws on what is gone fails. */
        fun onGone(texture: SurfaceTexture)
    }

    private val view = root.findViewById<TextureView>(R.id.preview)
    private val square = root.findViewById<SquareView>(R.id.square)
    private var fittedRotation = Surface.ROTATION_0

    init {
        view.surfaceTextureListener = Texture()
    }

    /** What a camera draws on; null before it is there. */
    val texture: SurfaceTexture? get() = view.surfaceTexture

    /** The camera that draws; null while none does. */
    var camera: CameraFacts? = null
        set(value) {
            field = value
            square.square = null
            fit()
        }

    /** Outline what a model with [spec] is given of each frame. */
    fun outline(spec: ImageSpec) {
        val drawn = camera ?: return
        val frame = Geometry(drawn.frameSize.width, drawn.frameSize.height, orientation(drawn), spec.crop)
        square.square = CameraOrientation.onView(frame, square.width, square.height)
    }

    /** The EXIF orientation of the frames of [camera] now; from any thread. */
    fun orientation(camera: CameraFacts): Int =
        CameraOrientation.exif(camera.sensorDegrees, rotation(camera), camera.facing == Facing.FRONT)

    /** How far the camera is turned with the screen; one that is plugged in is not. */
    @Suppress("DEPRECATION") // Context.getDisplay needs Android 11
    private fun rotation(camera: CameraFacts): Int =
        if (camera.facing == Facing.EXTERNAL) Surface.ROTATION_0 else activity.windowManager.defaultDisplay.rotation

    private fun fit() {
        val drawn = camera ?: return
        fittedRotation = rotation(drawn)
        view.setTransform(
            CameraOrientation.preview(
                view.width.toFloat(),
                view.height.toFloat(),
                drawn.previewSize.width,
                drawn.previewSize.height,
                drawn.sensorDegrees,
                fittedRotation
            )
        )
    }

    private inner class Texture : TextureView.SurfaceTextureListener {
        override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) = canvas.onReady()

        override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = fit()

        override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
            canvas.onGone(texture)
            return false
        }

        /** Turning by 180 degrees changes neither a size nor the activity. */
        override fun onSurfaceTextureUpdated(texture: SurfaceTexture) {
            camera?.let { if (rotation(it) != fittedRotation) fit() }
        }
    }
}
