package app.handset.tests

import android.Manifest
import android.content.Intent
import android.graphics.BitmapFactory
import android.graphics.drawable.BitmapDrawable
import android.hardware.camera2.CameraManager
import android.view.View
import android.widget.ScrollView
import app.handset.R
import app.handset.core.Exif
import app.handset.core.Screen
import app.handset.engine.Interpreter
import app.handset.model.Classifier
import app.handset.picture.Pixels
import app.handset.view.InkView
import org.junit.Assert.assertTrue
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowCameraCharacteristics

/** All screens of the app, one after the other, without and with an answer. */
class Tour(private val device: Device) {
    private val manager get() = device.application.getSystemService(CameraManager::class.java)

    /** Open the app and call [look] with the name of each screen. */
    fun visit(interpreter: Interpreter, look: (String) -> Unit) {
        shadowOf(manager).addCamera("0", ShadowCameraCharacteristics.newCameraCharacteristics())
        device.launch(interpreter)
        digit(look)
        gallery(look)
        camera(look)
        device.tap(R.id.tab_model)
        see("model", R.id.obtained, look)
        scrollDown()
        look("model-below")
    }

    private fun see(name: String, shown: Int, look: (String) -> Unit) {
        device.waitUntilIdle()
        assertTrue("$name has no ${device.activity.resources.getResourceEntryName(shown)}", device.isShown(shown))
        look(name)
    }

    private fun digit(look: (String) -> Unit) {
        see("digit-empty", R.id.message, look)
        StrokeInput(device.view<InkView>(R.id.ink)).draw(StrokeInput.strokes(DIGIT))
        see("digit", R.id.winner, look)
    }

    private fun gallery(look: (String) -> Unit) {
        device.tap(R.id.tab_gallery)
        see("gallery-empty", R.id.message, look)
        val picture = Photographs.share("cat.png", Photographs.bytes(PHOTOGRAPH))
        device.receive(Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture))
        see("gallery", R.id.rows, look)
        device.tap(R.id.details_toggle)
        device.tap(R.id.door)
        see("gallery-door", R.id.verdict, look)
        scrollDown()
        see("gallery-details", R.id.times, look)
        device.tap(R.id.door)
        device.tap(R.id.details_toggle)
    }

    private fun camera(look: (String) -> Unit) {
        device.tap(R.id.tab_camera)
        see("permission", R.id.permission_text, look)
        // Nothing here draws a preview: the frame that was classified stands in its place.
        device.view<View>(R.id.preview).visibility = View.INVISIBLE
        shadowOf(device.application).grantPermissions(Manifest.permission.CAMERA)
        device.activity.camera.onPermission(granted = true)
        see("camera-empty", R.id.message, look)
        val data = Photographs.bytes(PHOTOGRAPH)
        val photograph = BitmapFactory.decodeByteArray(data, 0, data.size)
        val pixels = Pixels.of(photograph)
        val classify = { model: Classifier -> model.picture(pixels, photograph.width, photograph.height, Exif.UPRIGHT) }
        device.application.classifiers.run(Screen.GALLERY, classify, done = device.activity.camera.answers::show)
        device.view<View>(R.id.preview_frame).foreground = BitmapDrawable(device.activity.resources, photograph)
        see("camera", R.id.rows, look)
    }

    /** To the end of what can be scrolled. */
    private fun scrollDown() {
        device.views().filterIsInstance<ScrollView>().forEach { it.scrollTo(0, it.getChildAt(0).height) }
        device.waitUntilIdle()
    }

    private companion object {
        const val DIGIT = 5

        /** Chelsea, a cat, of 246 pixels. */
        const val PHOTOGRAPH = "046.png"
    }
}
