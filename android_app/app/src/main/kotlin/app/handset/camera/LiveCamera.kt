package app.handset.camera

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface

/**
 * The camera, from [open] to [close]: a preview on a texture, and the latest frame for [onFrame].
 *
 * Frames that come while [onFrame] is busy are dropped, never queued. Everything happens on a thread of its own;
 * [onProblem] is called there too.
 */
class LiveCamera(
    context: Context,
    private val texture: SurfaceTexture,
    private val onFrame: Frames,
    private val onProblem: (Problem) -> Unit
) : AutoCloseable {
    /** Receives frames. */
    interface Frames {
        /** Whether the next frame is wanted now. */
        val isFree: Boolean

        /** Receive [frame], which is overwritten when [isFree] is true again. */
        fun take(frame: YuvFrame)
    }

    /** Why the camera shows nothing. */
    enum class Problem {
        /** Another app has it. */
        TAKEN,

        /** A policy, or a permission that was taken back. */
        FORBIDDEN,

        /** The system or the device ended it. */
        ENDED;

        companion object {
            /** What the camera service means by [refusal]. */
            fun of(refusal: CameraAccessException): Problem = when (refusal.reason) {
                CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> TAKEN
                CameraAccessException.CAMERA_DISABLED -> FORBIDDEN
                else -> ENDED
            }
        }
    }

    private val manager = context.getSystemService(CameraManager::class.java)
    private val id = back(manager)
    private val traits = manager.getCameraCharacteristics(id)
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)

    /** The clockwise angle between the sensor and the device. */
    val sensorDegrees: Int = traits[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0
    val facesUser: Boolean = traits[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_FRONT

    private val sizes = checkNotNull(traits[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]) { "no sizes" }
    val previewSize: Size = nearest(sizes.getOutputSizes(SurfaceTexture::class.java), PREVIEW_PIXELS)
    private val frameSize = nearest(sizes.getOutputSizes(ImageFormat.YUV_420_888), FRAME_PIXELS)
    private val reader = ImageReader.newInstance(frameSize.width, frameSize.height, ImageFormat.YUV_420_888, BUFFERS)
    private val frame = YuvFrame(frameSize.width, frameSize.height)
    private var device: CameraDevice? = null
    private var surface: Surface? = null
    private var isClosed = false

    init {
        reader.setOnImageAvailableListener({ latest(it) }, handler)
    }

    /** Start the camera; the permission must have been given. */
    @SuppressLint("MissingPermission")
    fun open() = reportingProblems {
        manager.openCamera(id, Opening(), handler)
    }

    private fun latest(source: ImageReader) {
        val image = source.acquireLatestImage() ?: return
        image.use { if (onFrame.isFree) onFrame.take(frame.apply { read(it) }) }
    }

    private fun YuvFrame.read(image: Image) {
        val (luma, blue, red) = image.planes.map { Plane(it.buffer, it.rowStride, it.pixelStride) }
        read(luma, blue, red)
    }

    private inner class Opening : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            if (isClosed) return camera.close()
            device = camera
            reportingProblems { configure(camera) }
        }

        override fun onDisconnected(camera: CameraDevice) {
            camera.close()
            onProblem(Problem.TAKEN)
        }

        override fun onError(camera: CameraDevice, error: Int) {
            camera.close()
            onProblem(
                when (error) {
                    ERROR_CAMERA_IN_USE, ERROR_MAX_CAMERAS_IN_USE -> Problem.TAKEN
                    ERROR_CAMERA_DISABLED -> Problem.FORBIDDEN
                    else -> Problem.ENDED
                }
            )
        }
    }

    @Suppress("DEPRECATION") // SessionConfiguration needs Android 9
    private fun configure(camera: CameraDevice) {
        texture.setDefaultBufferSize(previewSize.width, previewSize.height)
        val preview = Surface(texture).also { surface = it }
        val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
            addTarget(preview)
            addTarget(reader.surface)
            set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
        }
        val session = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) = reportingProblems {
                if (!isClosed) session.setRepeatingRequest(request.build(), null, handler)
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = onProblem(Problem.ENDED)
        }
        camera.createCaptureSession(listOf(preview, reader.surface), session, handler)
    }

    private fun reportingProblems(what: () -> Unit) {
        try {
            what()
        } catch (error: CameraAccessException) {
            onProblem(Problem.of(error))
        } catch (_: IllegalStateException) { // closed in between, which ends it anyway
            if (!isClosed) onProblem(Problem.ENDED)
        } catch (_: IllegalArgumentException) { // its texture went with the screen, or it was unplugged
            if (!isClosed) onProblem(Problem.ENDED)
        } catch (_: SecurityException) {
            onProblem(Problem.FORBIDDEN)
        }
    }

    override fun close() {
        handler.post {
            isClosed = true
            device?.close()
            reader.close()
            surface?.release()
            thread.quitSafely()
        }
    }

    companion object {
        private const val PREVIEW_PIXELS = 1280 * 960
        private const val FRAME_PIXELS = 640 * 480
        private const val BUFFERS = 2

        /** Whether this device has a camera at all. */
        fun isHere(context: Context): Boolean =
            context.getSystemService(CameraManager::class.java)?.cameraIdList?.isNotEmpty() == true

        /** The first camera that looks away from the user, else the first. */
        private fun back(manager: CameraManager): String {
            val ids = manager.cameraIdList
            return ids.firstOrNull {
                manager.getCameraCharacteristics(it)[CameraCharacteristics.LENS_FACING] ==
                    CameraCharacteristics.LENS_FACING_BACK
            } ?: ids.first()
        }

        /** The size of shape 4:3, as sensors are, with about [pixels]; of any shape where there is none such. */
        fun nearest(sizes: Array<Size>, pixels: Int): Size {
            val whole = sizes.filter { it.width * 3 == it.height * 4 }.ifEmpty { sizes.toList() }
            return whole.minBy { Math.abs(it.width * it.height - pixels) }
        }
    }
}
