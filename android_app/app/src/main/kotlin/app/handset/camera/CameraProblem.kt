package app.handset.camera

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraDevice

/** Why the camera shows nothing: everything that camera2 is documented to throw or to report. */
enum class CameraProblem {
    /** There is no camera. */
    NONE,

    /** Another app has it. */
    TAKEN,

    /** As many are open as can be. */
    TOO_MANY,

    /** A policy switches it off. */
    DISABLED,

    /** The permission was taken back, or the app is in the background. */
    FORBIDDEN,

    /** It was open, and another app with more right to it took it, or it was unplugged. */
    GONE,

    /** It is listed, and gives no pictures of the kinds that are needed, or not both at once. */
    UNUSABLE,

    /** The device failed, or was closed during a call. */
    FAILED,

    /** The camera service failed. */
    SERVICE_FAILED;

    /** Whether the system tells when it is over. */
    val endsByItself: Boolean get() = this in setOf(NONE, TAKEN, TOO_MANY, GONE)

    companion object {
        /** What [error], thrown by a call of camera2, means; null for one that camera2 is not documented to throw. */
        fun of(error: Exception): CameraProblem? = when (error) {
            is CameraAccessException -> ofReason(error.reason)

            is SecurityException -> FORBIDDEN

            is IllegalArgumentException -> UNUSABLE

            // an identifier that is listed and unknown, or refused surfaces
            is IllegalStateException -> FAILED

            else -> null
        }

        private fun ofReason(reason: Int): CameraProblem = when (reason) {
            CameraAccessException.CAMERA_IN_USE -> TAKEN
            CameraAccessException.MAX_CAMERAS_IN_USE -> TOO_MANY
            CameraAccessException.CAMERA_DISABLED -> DISABLED
            CameraAccessException.CAMERA_DISCONNECTED -> GONE
            else -> FAILED
        }

        /** What [error] of [CameraDevice.StateCallback.onError] means. */
        fun ofDevice(error: Int): CameraProblem = when (error) {
            CameraDevice.StateCallback.ERROR_CAMERA_IN_USE -> TAKEN
            CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE -> TOO_MANY
            CameraDevice.StateCallback.ERROR_CAMERA_DISABLED -> DISABLED
            CameraDevice.StateCallback.ERROR_CAMERA_SERVICE -> SERVICE_FAILED
            else -> FAILED
        }
    }
}
