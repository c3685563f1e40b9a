package app.handset.tests

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice.StateCallback
import android.os.Looper
import app.handset.R
import app.handset.camera.CameraFacts
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.robolectric.Shadows.shadowOf

/** Everything that camera2 is documented to throw or to call back with is one message on the screen. */
class CameraFailureTest : CameraScene() {
    private val documented = mapOf(
        CameraAccessException(CameraAccessException.CAMERA_IN_USE) to R.string.camera_taken,
        CameraAccessException(CameraAccessException.MAX_CAMERAS_IN_USE) to R.string.camera_too_many,
        CameraAccessException(CameraAccessException.CAMERA_DISABLED) to R.string.camera_disabled,
        CameraAccessException(CameraAccessException.CAMERA_DISCONNECTED) to R.string.camera_gone,
        CameraAccessException(CameraAccessException.CAMERA_ERROR) to R.string.camera_failed,
        SecurityException("validateClientPermissionsLocked") to R.string.camera_forbidden,
        IllegalArgumentException("supportsCameraApi: Unknown camera ID 1") to R.string.camera_unusable,
        IllegalStateException("CameraDevice was already closed") to R.string.camera_failed
    )

    @Test
    fun `whatever opening a camera may throw is one message, and the next attempt succeeds`() {
        add("0")
        FakeCameras.onOpen = documented.keys.first()
        show()
        for ((error, text) in documented) {
            retry { FakeCameras.onOpen = error }
            saysThat(text)
        }
        retry {}
        assertTrue("${FakeCameras.calls}", runs)
    }

    @Test
    fun `whatever a session may throw is one message, and the camera is closed`() {
        add("0")
        FakeCameras.onSession = documented.keys.first()
        show()
        for ((error, text) in documented) {
            retry { FakeCameras.onSession = error }
            saysThat(text)
            assertEquals(listOf("open 0", "close"), FakeCameras.calls)
            retry { FakeCameras.onRepeat = error }
            saysThat(text)
            assertEquals(listOf("open 0", "close"), FakeCameras.calls)
        }
    }

    @Test
    fun `a session that cannot be configured is one message`() {
        add("0")
        FakeCameras.failsToConfigure = true
        show()
        saysThat(R.string.camera_unusable)
        assertEquals(listOf("open 0", "close"), FakeCameras.calls)
    }

    @Test
    fun `every error of a camera that runs is one message, and the camera is closed`() {
        add("0")
        show()
        val codes = mapOf(
            StateCallback.ERROR_CAMERA_IN_USE to R.string.camera_taken,
            StateCallback.ERROR_MAX_CAMERAS_IN_USE to R.string.camera_too_many,
            StateCallback.ERROR_CAMERA_DISABLED to R.string.camera_disabled,
            StateCallback.ERROR_CAMERA_DEVICE to R.string.camera_failed,
            StateCallback.ERROR_CAMERA_SERVICE to R.string.camera_service_failed
        )
        for ((code, text) in codes) {
            assertTrue("${FakeCameras.calls}", runs)
            tell { callback, camera -> callback.onError(camera, code) }
            saysThat(text)
            assertTrue("${FakeCameras.calls}", "close" in FakeCameras.calls)
            retry {}
        }
    }

    @Test
    fun `a camera that another app took comes back by itself when it is free`() {
        add("0")
        show()
        tell { callback, camera -> callback.onDisconnected(camera) }
        saysThat(R.string.camera_gone)
        FakeCameras.calls.clear()
        add("9") // the service says that a camera is free, as when another app closes one
        shadowOf(Looper.getMainLooper()).idleFor(1, TimeUnit.SECONDS)
        waitForCamera()
        assertTrue("${FakeCameras.calls}", runs)
    }

    @Test
    fun `a camera that was taken in split screen comes back when this app is touched`() {
        add("0")
        FakeCameras.onOpen = CameraAccessException(CameraAccessException.CAMERA_IN_USE)
        show()
        saysThat(R.string.camera_taken)
        FakeCameras.reset()
        device.activity.onTopResumedActivityChanged(false)
        waitForCamera()
        assertEquals(emptyList<String>(), FakeCameras.calls)
        device.activity.onTopResumedActivityChanged(true)
        waitForCamera()
        assertTrue("${FakeCameras.calls}", runs)
    }

    @Test
    fun `a camera that fails is not tried again by itself`() {
        add("0")
        FakeCameras.onOpen = CameraAccessException(CameraAccessException.CAMERA_ERROR)
        show()
        saysThat(R.string.camera_failed)
        FakeCameras.reset()
        add("9")
        shadowOf(Looper.getMainLooper()).idleFor(1, TimeUnit.SECONDS)
        waitForCamera()
        assertEquals(emptyList<String>(), FakeCameras.calls)
    }

    @Test
    fun `a device without a camera says so, and shows one that is plugged in`() {
        show()
        assertEquals(device.activity.getString(R.string.no_camera), device.text(R.id.permission_text))
        assertFalse(device.isShown(R.id.permission_button))
        add("7", FakeCameras.traits(CameraCharacteristics.LENS_FACING_EXTERNAL))
        shadowOf(Looper.getMainLooper()).idleFor(1, TimeUnit.SECONDS)
        waitForCamera()
        assertTrue("${FakeCameras.calls}", runs)
        assertFalse(device.isShown(R.id.flip))
    }

    @Test
    fun `a list of cameras that cannot be had is one message`() {
        add("0")
        FakeCameras.onList = CameraAccessException(CameraAccessException.CAMERA_ERROR)
        show()
        saysThat(R.string.camera_failed)
    }

    @Test
    fun `a camera that is listed and unknown is passed over, and named where there is no other`() {
        add("0")
        FakeCameras.onDescribe = mapOf("0" to IllegalArgumentException("supportsCameraApi: Unknown camera ID 0"))
        show()
        saysThat(R.string.camera_unusable)
        add("1", FakeCameras.traits(CameraCharacteristics.LENS_FACING_FRONT))
        device.tap(R.id.permission_button)
        waitForCamera()
        assertTrue("${FakeCameras.calls}", runs)
        assertTrue("${FakeCameras.calls}", "open 1" in FakeCameras.calls)
    }

    @Test
    fun `cameras without sizes cannot be used`() {
        add("0", FakeCameras.withoutFrames())
        add("1", FakeCameras.bare(CameraCharacteristics.LENS_FACING_BACK))
        show()
        saysThat(R.string.camera_unusable)
        assertEquals(null, CameraFacts.nearest(null, 1))
        assertEquals(null, CameraFacts.nearest(arrayOf(), 1))
    }
}
