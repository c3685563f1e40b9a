package app.handset.tests

import android.Manifest
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice.StateCallback
import android.hardware.camera2.CameraManager
import android.os.Looper
import android.view.TextureView
import android.view.View
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.core.Screen
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The camera screen over Android's own camera classes, whose service fails in every way that is documented. */
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
class LiveCameraTest {
    private val device = Device()
    private val interpreter = CountingInterpreter()
    private val manager = device.application.getSystemService(CameraManager::class.java)

    @Before
    fun allow() {
        FakeCameras.reset()
        shadowOf(device.application).grantPermissions(Manifest.permission.CAMERA)
    }

    @After
    fun close() = device.close()

    private fun add(id: String, traits: CameraCharacteristics = FakeCameras.traits()) =
        shadowOf(manager).addCamera(id, traits)

    /** The camera screen, with something to draw on. */
    private fun show() {
        device.launch(interpreter).tap(R.id.tab_camera)
        drawable()
    }

    private fun drawable(): SurfaceTexture {
        val preview = device.view<TextureView>(R.id.preview)
        val texture = SurfaceTexture(false)
        preview.setSurfaceTexture(texture)
        checkNotNull(preview.surfaceTextureListener).onSurfaceTextureAvailable(texture, 300, 400)
        waitForCamera()
        return texture
    }

    /** What the camera's thread answers asks the main thread, and the other way round. */
    private fun waitForCamera() = repeat(ROUNDS) { device.waitUntilIdle() }

    private fun saysThat(text: Int, button: Int = R.string.camera_retry) {
        waitForCamera()
        assertFalse("${FakeCameras.calls}", device.isShown(R.id.live))
        assertEquals(device.activity.getString(text), device.text(R.id.permission_text))
        assertEquals(device.activity.getString(button), device.text(R.id.permission_button))
    }

    /** Make the camera fail with [failure], then try again. */
    private fun retry(failure: () -> Unit) {
        FakeCameras.reset()
        failure()
        device.tap(R.id.permission_button)
        waitForCamera()
    }

    private val runs: Boolean get() = device.isShown(R.id.live) && FakeCameras.calls.last() == "repeat"

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

    private fun tell(what: (StateCallback, android.hardware.camera2.CameraDevice) -> Unit) {
        val (camera, callback) = checkNotNull(FakeCameras.opened)
        device.application.cameraThread.post { what(callback, camera) }
        waitForCamera()
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

    @Test
    fun `the back camera comes first, then what is plugged in, then the front camera`() {
        add("0", FakeCameras.traits(CameraCharacteristics.LENS_FACING_FRONT))
        add("1", FakeCameras.traits(CameraCharacteristics.LENS_FACING_EXTERNAL))
        add("2")
        add("3") // another one at the back: a phone has several, and they see the same
        add("4", FakeCameras.traits(CameraCharacteristics.LENS_FACING_EXTERNAL))
        assertEquals(listOf("2", "1", "4", "0"), CameraFacts.list(manager).map { it.id })
    }

    @Test
    fun `a button takes the other camera, after the one before is closed, and round again`() {
        add("0")
        add("1", FakeCameras.traits(CameraCharacteristics.LENS_FACING_FRONT))
        show()
        assertTrue(device.isShown(R.id.flip))
        repeat(2) {
            device.tap(R.id.flip)
            waitForCamera()
        }
        val round = listOf("open 0", "repeat", "close", "open 1", "repeat", "close", "open 0", "repeat")
        assertEquals(round, FakeCameras.calls)
    }

    @Test
    fun `a camera that is turned away from while it opens is closed before the next one opens`() {
        add("0")
        add("1", FakeCameras.traits(CameraCharacteristics.LENS_FACING_FRONT))
        show()
        FakeCameras.calls.clear()
        val started = CountDownLatch(1)
        val free = CountDownLatch(1)
        FakeCameras.whileOpening = {
            started.countDown()
            free.await()
        }
        val flip = device.view<View>(R.id.flip)
        flip.performClick()
        started.await()
        flip.performClick()
        free.countDown()
        waitForCamera()
        assertEquals(listOf("close", "open 1", "close", "open 0", "repeat"), FakeCameras.calls)
    }

    @Test
    fun `a device with only a front camera uses it and offers no other`() {
        add("1", FakeCameras.traits(CameraCharacteristics.LENS_FACING_FRONT))
        show()
        assertTrue("${FakeCameras.calls}", runs)
        assertFalse(device.isShown(R.id.flip))
    }

    @Test
    fun `a tap freezes the picture and the next one lets it go on`() {
        add("0")
        show()
        device.tap(R.id.preview)
        waitForCamera()
        assertEquals(listOf("open 0", "repeat", "stop"), FakeCameras.calls)
        assertEquals(device.activity.getString(R.string.camera_frozen), device.text(R.id.preview_hint))
        device.tap(R.id.preview)
        waitForCamera()
        assertEquals(listOf("open 0", "repeat", "stop", "repeat"), FakeCameras.calls)
    }

    @Test
    fun `the texture is released after the camera that drew on it is closed`() {
        add("0")
        device.launch().tap(R.id.tab_camera)
        val preview = device.view<TextureView>(R.id.preview)
        val texture = drawable()
        device.tap(R.id.tab_digit)
        assertFalse(checkNotNull(preview.surfaceTextureListener).onSurfaceTextureDestroyed(texture))
        waitForCamera()
        assertEquals(listOf("open 0", "repeat", "close", "release"), FakeCameras.calls.distinct())
    }

    @Test
    fun `a camera that opens when nobody looks any more is closed`() {
        add("0")
        FakeCameras.isSlow = true
        show()
        device.tap(R.id.tab_digit)
        FakeCameras.calls.clear()
        tell { callback, camera -> callback.onOpened(camera) }
        assertEquals(listOf("close"), FakeCameras.calls)
    }

    @Test
    fun `of the frames that come while the model is busy only the newest is classified, all others are given back`() {
        add("0")
        show()
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        val images = List(5) { GreyImage(640, 480, (40 * it).toByte()) }
        images.forEach(FakeImageReader::fill)
        val passed = CountDownLatch(1)
        device.application.cameraThread.post { passed.countDown() }
        passed.await()
        // The first is converted and waits for the model; the last is kept until that is free.
        assertEquals(listOf(true, true, true, true, false), images.map { it.isClosed })
        assertEquals(0, interpreter.runs.get())
        free.countDown()
        waitForCamera()
        assertEquals(2, interpreter.runs.get())
        assertTrue(images.all { it.isClosed })
        assertTrue(device.isShown(R.id.answer))
    }

    @Test
    fun `a frame that waits is given back before its reader is closed, when the screen is left`() {
        add("0")
        show()
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        val images = List(2) { GreyImage(640, 480, 0) }
        images.forEach(FakeImageReader::fill)
        device.view<View>(R.id.tab_digit).performClick()
        free.countDown()
        waitForCamera()
        assertTrue(images.all { it.isClosed })
        assertTrue("${FakeCameras.calls}", "close" in FakeCameras.calls)
        assertFalse("an image is lost" in FakeCameras.calls)
        assertEquals(0, interpreter.runs.get())
    }

    @Test
    fun `the camera service is never waited for on the main thread`() {
        add("0")
        show()
        assertTrue(FakeCameras.threads.isNotEmpty())
        assertEquals(listOf("camera"), FakeCameras.threads.distinct())
    }

    private companion object {
        const val ROUNDS = 6 // chosen, opened, configured, running, and back
    }
}
