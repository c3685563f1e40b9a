package app.handset.tests

import android.Manifest
import android.content.Intent
import android.graphics.BitmapFactory
import android.graphics.drawable.BitmapDrawable
import android.hardware.camera2.CameraManager
import android.view.View
import app.handset.R
import app.handset.core.Exif
import app.handset.core.Screen
import app.handset.model.Classifier
import app.handset.picture.Pixels
import app.handset.view.InkView
import org.junit.After
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowCameraCharacteristics

/** Every screen on phone and tablet, light and dark, upright and on its side: pictures to variant at. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class ScreenshotTest(private val variant: String, private val qualifiers: String) {
    private val device = Device()

    @After
    fun close() = device.close()

    private fun launch(intent: Intent? = null): Device {
        RuntimeEnvironment.setQualifiers(qualifiers)
        return device.launch(intent)
    }

    @Test
    fun `the digit screen with an answer`() {
        launch()
        for (digit in listOf(3, 8, 5)) { // the last of them is timed on a machine that is warm
            if (device.view<View>(R.id.clear).isEnabled) device.tap(R.id.clear)
            StrokeInput(device.view<InkView>(R.id.ink)).draw(StrokeInput.strokes(digit))
            device.waitUntilIdle()
        }
        device.screenshot("digit-$variant")
        assertTrue(device.isShown(R.id.answer))
    }

    @Test
    fun `the digit screen before a stroke`() {
        launch().screenshot("digit-empty-$variant")
        assertTrue(device.isShown(R.id.message))
    }

    @Test
    fun `the gallery with a photograph`() {
        val picture = Photographs.share("cat.png", Photographs.bytes(PHOTOGRAPH))
        launch(Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture))
        device.screenshot("gallery-$variant")
        assertTrue(device.isShown(R.id.answer))
    }

    private fun addCamera() {
        val manager = device.application.getSystemService(CameraManager::class.java)
        shadowOf(manager).addCamera("0", ShadowCameraCharacteristics.newCameraCharacteristics())
    }

    @Test
    fun `the camera with an answer`() {
        addCamera()
        shadowOf(device.application).grantPermissions(Manifest.permission.CAMERA)
        launch().tap(R.id.tab_camera)
        val data = Photographs.bytes(PHOTOGRAPH)
        val photograph = BitmapFactory.decodeByteArray(data, 0, data.size)
        val pixels = Pixels.of(photograph)
        val classify = { model: Classifier -> model.picture(pixels, photograph.width, photograph.height, Exif.UPRIGHT) }
        device.application.classifiers.run(Screen.GALLERY, classify, done = device.activity.camera.answers::show)
        // Nothing here draws a preview: the frame that was classified stands in its place.
        device.view<View>(R.id.preview).visibility = View.INVISIBLE
        device.view<View>(R.id.preview_frame).foreground = BitmapDrawable(device.activity.resources, photograph)
        device.screenshot("camera-$variant")
        assertTrue(device.isShown(R.id.answer))
    }

    @Test
    fun `the camera before it is allowed`() {
        addCamera()
        launch().tap(R.id.tab_camera)
        device.screenshot("permission-$variant")
        assertTrue(device.isShown(R.id.permission))
    }

    @Test
    fun `the gallery before a picture is chosen`() {
        launch().tap(R.id.tab_gallery)
        device.screenshot("gallery-empty-$variant")
        assertTrue(device.isShown(R.id.message))
    }

    @Test
    fun `the choice of a model`() {
        launch().tap(R.id.tab_model)
        device.screenshot("model-$variant")
        assertTrue(device.isShown(R.id.obtained))
    }

    companion object {
        /** Chelsea, a cat, of 246 pixels. */
        private const val PHOTOGRAPH = "046.png"

        @JvmStatic
        @ParameterizedRobolectricTestRunner.Parameters(name = "{0}")
        fun variants(): List<Array<String>> = listOf(
            arrayOf("phone-light", PHONE),
            arrayOf("phone-dark", PHONE.replace("notnight", "night")),
            arrayOf("phone-land-light", "w914dp-h411dp-land-notnight-xhdpi"),
            arrayOf("phone-land-dark", "w914dp-h411dp-land-night-xhdpi"),
            arrayOf("phone-small-light", "w360dp-h640dp-port-notnight-xhdpi"),
            arrayOf("tablet-light", TABLET),
            arrayOf("tablet-dark", TABLET.replace("notnight", "night")),
            arrayOf("tablet-land-light", "w1280dp-h800dp-land-notnight-hdpi"),
            arrayOf("tablet-land-dark", "w1280dp-h800dp-land-night-hdpi"),
            arrayOf("phone-korean-light", "ko-$PHONE")
        )
    }
}
