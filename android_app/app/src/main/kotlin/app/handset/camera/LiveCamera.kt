package app.handset.camera

import android.annotation.SuppressLint
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.os.Handler
import android.os.Looper
import android.view.Surface
import app.handset.model.Request

/**
 * One camera, from [open] to [close]: a preview on [texture], and frames for [listener].
 *
 * All of its fields belong to [thread], which is the same one for every camera of the app: [open], [freeze] and [close]
 * only post to it, from anywhere, and what they do is done in that order. So a camera is closed before the next one is
 * opened. Once [request] is no longer wanted, nothing is opened any more and nobody is told.
 */
class LiveCamera(
    private val manager: CameraManager,
    private val texture: SurfaceTexture,
    private val thread: Handler,
    private val request: Request,
    private val listener: CameraListener
) {
    private val main = Handler(Looper.getMainLooper())
    private var device: CameraDevice? = null
    private var session: CameraCaptureSession? = null
    private var repeated: CaptureRequest? = null
    private var frames: FrameSource? = null
    private var surface: Surface? = null
    private var isFrozen = false

    /**
     * Start the camera that is the [turn]-th of those that can be used, counted around.
     *
     * One that was being opened just before says so, and is closed, only after what waits for the thread: so this waits
     * once more.
     */
    fun open(turn: Int) {
        thread.post { thread.post { guarded { choose(turn) } } }
    }

    private fun choose(turn: Int) {
        val cameras = CameraFacts.list(manager)
        if (cameras.isEmpty()) {
            tellProblem(if (manager.cameraIdList.isEmpty()) CameraProblem.NONE else CameraProblem.UNUSABLE)
        } else {
            open(cameras[turn.mod(cameras.size)], cameras.size)
        }
    }

    @SuppressLint("MissingPermission") // the screen asks for it; that it was taken back is a problem as others are
    private fun open(facts: CameraFacts, count: Int) {
        tell { listener.onChosen(facts, count) }
        manager.openCamera(facts.id, Opening(facts), thread)
    }

    private inner class Opening(private val facts: CameraFacts) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            if (!request.isWanted()) return camera.close()
            device = camera
            guarded { configure(camera, facts) }
        }

        override fun onDisconnected(camera: CameraDevice) = end(camera, CameraProblem.GONE)

        override fun onError(camera: CameraDevice, error: Int) = end(camera, CameraProblem.ofDevice(error))

        private fun end(camera: CameraDevice, problem: CameraProblem) {
            camera.close()
            tellProblem(problem)
        }
    }

    @Suppress("DEPRECATION") // SessionConfiguration needs Android 9
    private fun configure(camera: CameraDevice, facts: CameraFacts) {
        texture.setDefaultBufferSize(facts.previewSize.width, facts.previewSize.height)
        val preview = Surface(texture).also { surface = it }
        val source = FrameSource(facts.frameSize, thread) { pixels, done ->
            listener.onFrame(CameraFrame(facts, pixels, request, done))
        }
        frames = source
        repeated = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).run {
            addTarget(preview)
            addTarget(source.surface)
            if (facts.focusesByItself) {
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            }
            build()
        }
        camera.createCaptureSession(listOf(preview, source.surface), Configured(), thread)
    }

    private inner class Configured : CameraCaptureSession.StateCallback() {
        override fun onConfigured(session: CameraCaptureSession) {
            this@LiveCamera.session = session
            update()
        }

        override fun onConfigureFailed(session: CameraCaptureSession) = tellProblem(CameraProblem.UNUSABLE)
    }

    /** Stop the preview at the last frame, or let it go on. */
    fun freeze(frozen: Boolean) {
        thread.post {
            isFrozen = frozen
            update()
        }
    }

    private fun update() = guarded {
        val running = session ?: return@guarded
        if (isFrozen) running.stopRepeating() else repeated?.let { running.setRepeatingRequest(it, null, thread) }
    }

    /** End it, whose [request] is no longer wanted. */
    fun close() {
        thread.post {
            session = null
            device?.close()
            frames?.close()
            surface?.release()
        }
    }

    /** Do [work] with the camera service; what it is documented to throw is told as a problem. */
    @Suppress("TooGenericExceptionCaught") // what is not documented goes on its way
    private fun guarded(work: () -> Unit) {
        if (!request.isWanted()) return
        try {
            work()
        } catch (error: Exception) {
            tellProblem(CameraProblem.of(error) ?: throw error)
        }
    }

    private fun tellProblem(problem: CameraProblem) = tell { listener.onProblem(problem) }

    private fun tell(what: () -> Unit) {
        main.post { if (request.isWanted()) what() }
    }
}
