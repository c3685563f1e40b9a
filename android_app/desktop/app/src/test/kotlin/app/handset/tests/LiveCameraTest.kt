package app.handset.tests

import android.hardware.camera2.CameraCharacteristics
import android.view.TextureView
import android.view.View
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.core.Screen
import java.util.concurrent.CountDownLatch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

/** Which camera is used, what a tap and the other camera do, and what becomes of frames. */
class LiveCameraTest : CameraScene() {
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
}
