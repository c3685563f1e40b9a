package app.handset.tests

import android.Manifest
import android.content.pm.PackageManager
import android.graphics.BitmapFactory
import android.graphics.RectF
import android.hardware.camera2.CameraManager
import android.provider.Settings
import android.util.Size
import android.view.Surface
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.camera.CameraFrame
import app.handset.camera.CameraOrientation
import app.handset.camera.Facing
import app.handset.camera.Plane
import app.handset.camera.YuvFrame
import app.handset.core.CenterSquare
import app.handset.core.Exif
import app.handset.core.Geometry
import app.handset.core.blue
import app.handset.core.green
import app.handset.core.red
import app.handset.picture.Pixels
import app.handset.view.RowsView
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger
import kotlin.math.abs
import kotlin.math.roundToInt
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowCameraCharacteristics

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class CameraTest {
    private val device = Device()

    @After
    fun close() = device.close()

    private fun addCamera() {
        val manager = device.application.getSystemService(CameraManager::class.java)
        shadowOf(manager).addCamera("0", ShadowCameraCharacteristics.newCameraCharacteristics())
    }

    @Test
    fun `the reason for the permission is shown before it is asked for`() {
        addCamera()
        device.launch().tap(R.id.tab_camera)
        assertEquals(device.activity.getString(R.string.camera_reason), device.text(R.id.permission_text))
        assertEquals(device.activity.getString(R.string.camera_allow), device.text(R.id.permission_button))
        assertFalse(device.isShown(R.id.live))
    }

    @Test
    fun `a refusal is understood and leads to the settings, also after a rotation`() {
        addCamera()
        device.launch().tap(R.id.tab_camera)
        device.tap(R.id.permission_button)
        val asked = shadowOf(device.activity).lastRequestedPermission
        assertEquals(listOf(Manifest.permission.CAMERA), asked.requestedPermissions.toList())
        val refused = intArrayOf(PackageManager.PERMISSION_DENIED)
        device.activity.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, refused)
        device.turn("+land")
        assertEquals(device.activity.getString(R.string.camera_refused), device.text(R.id.permission_text))
        device.tap(R.id.permission_button)
        val opened = shadowOf(device.activity).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, opened.action)
    }

    @Test
    fun `who refused once is told the reason and may answer again`() {
        addCamera()
        device.launch().tap(R.id.tab_camera)
        device.tap(R.id.permission_button)
        val asked = shadowOf(device.activity).lastRequestedPermission
        shadowOf(device.activity.packageManager)
            .setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, true)
        val refused = intArrayOf(PackageManager.PERMISSION_DENIED)
        device.activity.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, refused)
        assertEquals(device.activity.getString(R.string.camera_reason_again), device.text(R.id.permission_text))
        device.tap(R.id.permission_button)
        assertFalse(asked === shadowOf(device.activity).lastRequestedPermission)
    }

    @Test
    fun `a device without a camera says so`() {
        device.launch().tap(R.id.tab_camera)
        assertEquals(device.activity.getString(R.string.no_camera), device.text(R.id.permission_text))
        assertFalse(device.isShown(R.id.permission_button))
    }

    @Test
    fun `YUV becomes RGB as JPEG defines it, within one level, whatever the strides`() {
        val frame = YuvFrame(4, 2)
        val luma = Plane(ByteBuffer.wrap(byteArrayOf(0, 50, 100, -1, 99, -106, -56, 30, 60, 90)), 5, 1)
        val blue = Plane(ByteBuffer.wrap(byteArrayOf(100, 0, -56)), 3, 2)
        val red = Plane(ByteBuffer.wrap(byteArrayOf(-76, 0, 90)), 3, 2)
        frame.read(luma, blue, red)
        for (y in 0 until 2) {
            for (x in 0 until 4) {
                val level = luma.samples.get(y * 5 + x).toInt() and 0xff
                val u = (blue.samples.get(x / 2 * 2).toInt() and 0xff) - 128
                val v = (red.samples.get(x / 2 * 2).toInt() and 0xff) - 128
                val pixel = frame.pixels[y * 4 + x]
                near(level + 1.402 * v, red(pixel))
                near(level - 0.344136 * u - 0.714136 * v, green(pixel))
                near(level + 1.772 * u, blue(pixel))
            }
        }
    }

    private fun near(exact: Double, level: Int) =
        assertTrue("$exact became $level", abs(exact.roundToInt().coerceIn(0, 255) - level) <= 1)

    @Test
    fun `a back camera's frames are upright however the phone is held`() {
        val held = listOf(Surface.ROTATION_0, Surface.ROTATION_90, Surface.ROTATION_180, Surface.ROTATION_270)
        assertEquals(listOf(6, 1, 8, 3), held.map { CameraOrientation.exif(sensorDegrees = 90, it, facesUser = false) })
        assertEquals(listOf(8, 1, 6, 3), held.map { CameraOrientation.exif(sensorDegrees = 270, it, facesUser = true) })
    }

    @Test
    fun `the preview fills its view and is not distorted`() {
        for (rotation in listOf(Surface.ROTATION_0, Surface.ROTATION_90)) {
            val matrix = CameraOrientation.preview(300f, 500f, 640, 480, 90, rotation)
            // The texture is stretched over the view first: one sensor pixel is this large on it.
            val across = floatArrayOf(300f / 480, 0f)
            val down = floatArrayOf(0f, 500f / 640)
            matrix.mapVectors(across)
            matrix.mapVectors(down)
            val wide = abs(across[0]) + abs(across[1])
            val high = abs(down[0]) + abs(down[1])
            assertEquals("rotation $rotation", wide, high, 1e-3f)
        }
    }

    @Test
    fun `the square of the model is outlined where the preview shows it`() {
        val square = CenterSquare(1, 2)
        val back = Geometry(640, 480, CameraOrientation.exif(90, Surface.ROTATION_0, facesUser = false), square)
        // Upright the frame is 480 wide and 640 high, and fills 300 × 500 at 500 / 640, its sides cut off.
        assertEquals(RectF(56.25f, 156.25f, 243.75f, 343.75f), CameraOrientation.onView(back, 300, 500))
        val whole = Geometry(640, 480, Exif.UPRIGHT, null)
        assertEquals(RectF(0f, -75f, 600f, 375f), CameraOrientation.onView(whole, 600, 300))
    }

    @Test
    fun `answers to frames are averaged, and each frame asks for the next one`() {
        device.launch().tap(R.id.tab_camera)
        val asked = AtomicInteger()
        val answers = Photographs.names.take(2).map { name ->
            val bitmap = Photographs.bytes(name).let { BitmapFactory.decodeByteArray(it, 0, it.size) }
            val pixels = YuvFrame(bitmap.width, bitmap.height).apply { Pixels.of(bitmap).copyInto(pixels) }
            val size = Size(bitmap.width, bitmap.height)
            val camera = CameraFacts("0", Facing.BACK, 0, size, size, focusesByItself = true)
            device.activity.camera.onFrame(CameraFrame(camera, pixels, { true }, asked::incrementAndGet), Exif.UPRIGHT)
            device.waitUntilIdle()
            device.view<RowsView>(R.id.rows).predictions
        }
        assertEquals(2, asked.get())
        val before = answers[0].first()
        // Here they follow each other within a fraction of the half-life; alone the second picture has another label.
        assertTrue("$answers", answers[1].any { it.label == before.label && it.probability > 0.01f })
    }
}
