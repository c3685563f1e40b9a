package app.handset.camera

import android.hardware.camera2.CameraManager
import android.os.Handler
import android.os.Looper

/** Calls [onChange] on the main thread when a camera may be had again: it is free, plugged in, or this app's turn. */
class CameraWatch(private val manager: CameraManager, private val thread: Handler, private val onChange: () -> Unit) {
    private val main = Handler(Looper.getMainLooper())
    private val callback = object : CameraManager.AvailabilityCallback() {
        override fun onCameraAvailable(cameraId: String) = onChange()

        override fun onCameraAccessPrioritiesChanged() = onChange()
    }

    /** Begins off the main thread, because the first call waits for the camera service. */
    fun start() {
        thread.post { manager.registerAvailabilityCallback(callback, main) }
    }

    fun stop() {
        thread.post { manager.unregisterAvailabilityCallback(callback) }
    }
}
