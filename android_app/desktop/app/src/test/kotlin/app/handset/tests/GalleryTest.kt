package app.handset.tests

import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.graphics.Bitmap
import android.graphics.drawable.BitmapDrawable
import android.os.Build
import android.provider.MediaStore
import android.view.View
import android.widget.ImageView
import android.widget.TextView
import app.handset.R
import app.handset.core.Screen
import app.handset.model.Answer
import app.handset.model.ModelResult
import app.handset.picture.PickedPicture
import app.handset.view.RowsView
import java.util.concurrent.CountDownLatch
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowToast
import org.robolectric.util.ReflectionHelpers

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class GalleryTest {
    private val device = Device()
    private val photograph = Photographs.bytes(Photographs.names.first())

    @After
    fun close() = device.close()

    private fun pick(name: String, data: ByteArray) {
        device.tap(R.id.choose)
        val asked = shadowOf(device.activity).nextStartedActivityForResult
        val chosen = Intent().setData(Photographs.share(name, data))
        shadowOf(device.activity).receiveResult(asked.intent, Activity.RESULT_OK, chosen)
        device.waitUntilIdle()
    }

    private fun classified(picture: PickedPicture): Answer {
        var result: ModelResult<Answer>? = null
        device.application.classifiers.run(Screen.GALLERY, picture::classify) { result = it }
        device.waitUntilIdle()
        return (result as ModelResult.Done).value
    }

    @Test
    fun `a chosen photograph is shown with five predictions a verdict and times`() {
        device.launch().tap(R.id.tab_gallery)
        pick("one.png", photograph)
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals(5, predictions.size)
        assertEquals(predictions.sortedByDescending { it.probability }, predictions)
        assertFalse("the door is for those who have one", device.isShown(R.id.verdict))
        device.tap(R.id.details_toggle)
        device.tap(R.id.door)
        assertTrue(device.isShown(R.id.verdict))
        assertTrue(device.text(R.id.times), device.text(R.id.times).startsWith("decode "))
        assertTrue(device.view<ImageView>(R.id.picture).drawable != null)
    }

    @Test
    fun `the system's photo picker is asked, which needs no permission`() {
        device.launch().tap(R.id.tab_gallery)
        device.tap(R.id.choose)
        assertEquals(MediaStore.ACTION_PICK_IMAGES, shadowOf(device.activity).nextStartedActivity.action)
    }

    private fun with(action: String) {
        val picker = ComponentName("another.app", "Picker")
        val manager = shadowOf(device.activity.packageManager)
        manager.addActivityIfNotPresent(picker)
        manager.addIntentFilterForActivity(
            picker,
            IntentFilter(action).apply {
                addCategory(Intent.CATEGORY_OPENABLE)
                addCategory(Intent.CATEGORY_DEFAULT)
                addDataType("image/*")
            }
        )
    }

    @Test
    fun `a phone without the photo picker opens any document, and one without that too says so`() {
        shadowOf(device.application).checkActivities(true)
        device.launch().tap(R.id.tab_gallery)
        device.tap(R.id.choose)
        assertNull(shadowOf(device.activity).nextStartedActivity)
        assertEquals(device.activity.getString(R.string.no_picker), ShadowToast.getTextOfLatestToast())
        with(Intent.ACTION_OPEN_DOCUMENT)
        device.tap(R.id.choose)
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, shadowOf(device.activity).nextStartedActivity.action)
        assertEquals(1, ShadowToast.shownToastCount())
    }

    @Test
    fun `a new picture is shown before its answer, in the place of the one before`() {
        device.launch().tap(R.id.tab_gallery)
        pick("one.png", photograph)
        val before = (device.view<ImageView>(R.id.picture).drawable as BitmapDrawable).bitmap
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        device.controller.newIntent(
            Intent(Intent.ACTION_SEND).setType("image/png")
                .putExtra(Intent.EXTRA_STREAM, Photographs.share("two.png", Photographs.bytes(Photographs.names[1])))
        )
        device.waitForPicture()
        val after = (device.view<ImageView>(R.id.picture).drawable as BitmapDrawable).bitmap
        assertFalse(before.sameAs(after))
        assertEquals(device.activity.getString(R.string.working), device.text(R.id.message))
        free.countDown()
        device.waitUntilIdle()
        assertTrue(device.isShown(R.id.answer))
    }

    @Test
    fun `every EXIF orientation of a photograph gives the model the same levels and the screen the same picture`() {
        device.launch()
        val upright = PickedPicture.open(photograph)
        val expected = classified(upright)
        for (orientation in 1..8) {
            val turned = PickedPicture.open(Photographs.turned(photograph, orientation))
            val answer = classified(turned)
            assertEquals(orientation > 1, turned.isTurned)
            assertArrayEquals("orientation $orientation", expected.levels, answer.levels)
            assertEquals(expected.predictions, answer.predictions)
            assertArrayEquals("orientation $orientation", pixels(upright.thumbnail), pixels(turned.thumbnail))
        }
    }

    private fun pixels(shown: Bitmap?): IntArray = checkNotNull(shown).run {
        IntArray(width * height).also { getPixels(it, 0, width, 0, 0, width, height) }
    }

    @Test
    fun `before Android 13 any document provider is asked, which needs no permission either`() {
        device.launch().tap(R.id.tab_gallery)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.S_V2)
        try {
            device.tap(R.id.choose)
        } finally {
            ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
        }
        val asked = shadowOf(device.activity).nextStartedActivity
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, asked.action)
        assertEquals(setOf(Intent.CATEGORY_OPENABLE), asked.categories)
    }

    private fun shared() = Intent(Intent.ACTION_SEND).setType("image/png")
        .putExtra(Intent.EXTRA_STREAM, Photographs.share("shared.png", photograph))

    @Test
    fun `a picture that is shared with the open app is classified, and stays when the device turns`() {
        device.launch().receive(shared())
        assertTrue(device.view<View>(R.id.tab_gallery).isSelected)
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals(5, predictions.size)
        device.turn("+land")
        assertEquals(predictions, device.view<RowsView>(R.id.rows).predictions)
    }

    @Test
    fun `a picture that another app shares is classified`() {
        device.launch(shared())
        assertTrue(device.view<View>(R.id.tab_gallery).isSelected)
        assertEquals(5, device.view<RowsView>(R.id.rows).predictions.size)
    }

    @Test
    fun `a file that is no picture is a message in the place of the answer`() {
        device.launch().tap(R.id.tab_gallery)
        pick("letter.txt", "no picture at all".toByteArray())
        assertTrue(device.text(R.id.message), device.text(R.id.message).startsWith("This picture cannot be read: "))
    }

    @Test
    @Config(qualifiers = "ko-$PHONE")
    fun `Korean is broken between words, and read aloud as it is written`() {
        device.launch().tap(R.id.tab_gallery)
        val message = device.view<TextView>(R.id.message)
        assertTrue(message.lineCount > 1)
        val breaks = (0 until message.lineCount - 1).map { message.text[message.layout.getLineEnd(it) - 1] }
        assertEquals(breaks.map { ' ' }, breaks)
        val written = device.activity.getString(R.string.gallery_waiting)
        assertEquals(written, message.createAccessibilityNodeInfo().text.toString())
    }

    @Test
    fun `a rotated device keeps the picture and its answer`() {
        device.launch().tap(R.id.tab_gallery)
        pick("one.png", photograph)
        val predictions = device.view<RowsView>(R.id.rows).predictions
        device.turn("+land")
        assertEquals(predictions, device.view<RowsView>(R.id.rows).predictions)
    }
}
