package app.handset.tests

import android.Manifest
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice.StateCallback
import android.hardware.camera2.CameraManager
import android.view.TextureView
import app.handset.R
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Before
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(
    sdk = [34],
    qualifiers = PHONE,
    shadows = [
        FakeCameraManager::class,
        FakeCameraDevice::class,
        FakeCameraSession::class,
        FakeImageReader::class,
        FakeSurfaceTexture::class
    ]
)
abstract class CameraScene {
    protected val device = Device()
    protected val interpreter = CountingInterpreter()
    protected val manager = device.application.getSystemService(CameraManager::class.java)

    @Before
    fun allow() {
        FakeCameras.reset()
        shadowOf(device.application).grantPermissions(Manifest.permission.CAMERA)
    }

    @After
    fun close() = device.close()

    protected fun add(id: String, traits: CameraCharacteristics = FakeCameras.traits()) =
        shadowOf(manager).addCamera(id, traits)

    /** The camera screen, with something to draw on. */
    protected fun show() {
        device.launch(interpreter).tap(R.id.tab_camera)
        drawable()
    }

    protected fun drawable(): SurfaceTexture {
        val preview = device.view<TextureView>(R.id.preview)
        val texture = SurfaceTexture(false)
        preview.setSurfaceTexture(texture)
        checkNotNull(preview.surfaceTextureListener).onSurfaceTextureAvailable(texture, 300, 400)
        waitForCamera()
        return texture
    }

    /** What the camera's thread answers asks the main thread, and the other way round. */
    protected fun waitForCamera() = repeat(ROUNDS) { device.waitUntilIdle() }

    protected fun saysThat(text: Int, button: Int = R.string.camera_retry) {
        waitForCamera()
        assertFalse("${FakeCameras.calls}", device.isShown(R.id.live))
        assertEquals(device.activity.getString(text), device.text(R.id.permission_text))
        assertEquals(device.activity.getString(button), device.text(R.id.permission_button))
    }

    /** Make the camera fail with [failure], then try again. */
    protected fun retry(failure: () -> Unit) {
        FakeCameras.reset()
        failure()
        device.tap(R.id.permission_button)
        waitForCamera()
    }

    protected fun tell(what: (StateCallback, android.hardware.camera2.CameraDevice) -> Unit) {
        val (camera, callback) = checkNotNull(FakeCameras.opened)
        device.application.cameraThread.post { what(callback, camera) }
        waitForCamera()
    }

    protected val runs: Boolean get() = device.isShown(R.id.live) && FakeCameras.calls.last() == "repeat"

    private companion object {
        const val ROUNDS = 6 // chosen, opened, configured, running, and back
    }
}
