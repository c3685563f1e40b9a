package app.handset.tests

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.Catalog
import app.handset.model.AddedModels
import app.handset.model.ModelAssets
import app.handset.view.RowsView
import java.io.File
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Models that a user brings to the phone: chosen from its storage, or shared by another app. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class AddedModelTest {
    private val device = Device()
    private val folder = File(device.application.filesDir, "models")

    @After
    fun close() = device.close()

    private fun golden(name: String) = Device.ROOT.resolve("tests/golden/models/$name.tflite").readBytes()

    private fun choose(name: String, data: ByteArray): String {
        device.tap(R.id.add_model)
        val asked = shadowOf(device.activity).nextStartedActivityForResult
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, asked.intent.action)
        val chosen = Intent().setData(Photographs.share(name, data))
        shadowOf(device.activity).receiveResult(asked.intent, Activity.RESULT_OK, chosen)
        device.waitUntilIdle()
        return device.text(R.id.add_result).filterNot { it == WORD_JOINER }
    }

    private fun refusal(name: String, data: ByteArray): String {
        device.launch().tap(R.id.tab_model)
        val before = titles()
        val message = choose(name, data)
        assertEquals("nothing is kept of it", emptyList<String>(), folder.list().orEmpty().toList())
        assertEquals(before, titles())
        return message
    }

    private fun rows(): List<View> = device.view<ViewGroup>(R.id.models).let { models ->
        (0 until models.childCount).map(models::getChildAt).filter { it.findViewById<View>(R.id.row_title) != null }
    }

    private fun titles() = rows().map { it.findViewById<TextView>(R.id.row_title).text.toString() }

    private fun row(title: String) = rows().single { it.findViewById<TextView>(R.id.row_title).text == title }

    @Test
    fun `a model that Google's writer packed is kept, used, and says how pictures are resized`() {
        device.launch().tap(R.id.tab_model)
        assertEquals("Added: my model", choose("my model.tflite", golden("standard_fp32")))
        val row = row("my model")
        assertTrue(row.isSelected)
        val facts = row.findViewById<TextView>(R.id.row_facts).text.toString()
        assertEquals(
            "11 kB · input 24 × 24 × 3\nPictures are resized as a whole: the model says nothing of a crop.",
            facts
        )
        device.tap(R.id.tab_gallery)
        assertEquals("my model", device.text(R.id.chip))
    }

    @Test
    fun `its answer to a shared photograph has its own labels`() {
        device.launch().tap(R.id.tab_model)
        choose("own.tflite", golden("standard_int8"))
        val picture = Photographs.share("one.png", Photographs.bytes(Photographs.names.first()))
        device.receive(Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture))
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals(setOf("ant", "bee", "cat", "dog"), predictions.map { it.label }.toSet())
    }

    @Test
    fun `one output is the probability of its label, and the rest that of the opposite`() {
        device.launch().tap(R.id.tab_model)
        choose("own.tflite", golden("sigmoid_int8"))
        val picture = Photographs.share("one.png", Photographs.bytes(Photographs.names.first()))
        device.receive(Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture))
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals(setOf("not dog", "dog"), predictions.map { it.label }.toSet())
        assertEquals(1f, predictions.map { it.probability }.sum(), 1e-6f)
    }

    @Test
    fun `a model of any size is used in one, and says so`() {
        device.launch().tap(R.id.tab_model)
        choose("any.tflite", golden("any_size_fp32"))
        val facts = row("any").findViewById<TextView>(R.id.row_facts).text.toString()
        assertEquals(
            "3.6 kB · input 224 × 224 × 3\nIt takes pictures of any size; this one is used.\n" +
                "Pictures are resized as a whole: the model says nothing of a crop.",
            facts
        )
        val picture = Photographs.share("one.png", Photographs.bytes(Photographs.names.first()))
        device.receive(Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, picture))
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals(setOf("ant", "bee", "cat", "dog"), predictions.map { it.label }.toSet())
    }

    @Test
    fun `a model that is shared with the app is added`() {
        val file: Uri = Photographs.share("shared.tflite", golden("colour_int8"))
        val shared = Intent(Intent.ACTION_SEND).setType("application/octet-stream").putExtra(Intent.EXTRA_STREAM, file)
        device.launch(shared)
        assertTrue(device.view<View>(R.id.tab_model).isSelected)
        assertEquals("Added: shared", device.text(R.id.add_result))
        assertArrayEquals(golden("colour_int8"), folder.resolve("shared.tflite").readBytes())
    }

    private fun tryIntent(path: String): Intent {
        val file = Uri.parse("file://$path")
        shadowOf(device.application.contentResolver).registerInputStreamSupplier(file) {
            golden("colour_int8").inputStream()
        }
        return Intent("app.handset.TRY").setData(file).putExtra("name", "pushed.tflite")
    }

    @Test
    fun `a model that a computer pushed is added under its own name`() {
        device.launch()
        device.receive(tryIntent("/data/local/tmp/handset/0123abcd.tflite"))
        assertTrue(device.view<View>(R.id.tab_model).isSelected)
        assertEquals("Added: pushed", device.text(R.id.add_result))
    }

    @Test
    fun `a file of another folder is not taken from another app`() {
        device.launch()
        for (path in listOf("/data/local/tmp/x.tflite", "/data/local/tmp/handset/../x.tflite")) {
            device.receive(tryIntent(path))
            assertTrue(path, device.view<View>(R.id.tab_digit).isSelected)
        }
    }

    @Test
    fun `a model stays when the app is opened again, until it is removed`() {
        device.launch().tap(R.id.tab_model)
        choose("kept.tflite", golden("colour_fp32"))
        device.turn("+land")
        row("kept").findViewById<View>(R.id.row_remove).performClick()
        device.waitUntilIdle()
        assertTrue("kept" !in titles())
        assertEquals(emptyList<String>(), folder.list().orEmpty().toList())
    }

    @Test
    fun `a drawing's model is offered for drawings`() {
        device.launch().tap(R.id.tab_model)
        choose("digits.tflite", golden("digit_fp32"))
        assertTrue(row("digits").isSelected)
    }

    @Test
    fun `a file that is no model is refused before it is copied`() =
        assertEquals("Not added. This file is no TensorFlow Lite model.", refusal("letter.tflite", golden("text")))

    @Test
    fun `a model that was cut short is refused`() {
        val message = refusal("cut.tflite", golden("colour_fp32").copyOf(CUT_BYTES))
        assertEquals("Not added. The model is damaged. Copy it again.", message)
    }

    @Test
    fun `a model that needs a newer runtime is refused`() {
        val message = refusal("newer.tflite", NewerModel.of(golden("colour_int8")))
        assertTrue(message, message.startsWith("Not added. The model needs a newer TensorFlow Lite than this app has."))
    }

    @Test
    fun `a model that makes a picture of a picture is refused`() {
        val message = refusal("no_classifier.tflite", golden("no_classifier_fp32"))
        assertEquals("Not added. The model is no classifier of one picture.", message)
    }

    @Test
    fun `a classifier that puts out its tensors in between is refused`() {
        val message = refusal("probe.tflite", golden("probe_int8"))
        assertEquals("Not added. The model is no classifier of one picture.", message)
    }

    @Test
    fun `a model without metadata is refused`() {
        val message = refusal("bare.tflite", golden("bare_fp32"))
        assertTrue(message, message.startsWith("Not added. The model does not say how pixels are normalised."))
    }

    @Test
    @Config(qualifiers = "+ko")
    fun `the reason is in the user's language`() =
        assertEquals("추가하지 못했습니다. 이 파일은 TensorFlow Lite 모델이 아닙니다.", refusal("letter.tflite", golden("text")))

    @Test
    fun `a provider that throws is one message`() {
        device.launch().tap(R.id.tab_model)
        val file = Uri.parse("content://app.handset.tests/thrower")
        shadowOf(device.application.contentResolver).registerInputStreamSupplier(file) { error("provider gone") }
        device.tap(R.id.add_model)
        val asked = shadowOf(device.activity).nextStartedActivityForResult
        shadowOf(device.activity).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(file))
        device.waitUntilIdle()
        assertTrue(device.text(R.id.add_result), "not there any more" in device.text(R.id.add_result))
    }

    @Test
    fun `names of files are made safe`() {
        val models = AddedModels(folder)
        for ((name, kept) in listOf("../../x" to "x", "a b/c?.tflite" to "c", "" to "model", "고양이.tflite" to "고양이")) {
            assertEquals("$kept.tflite", models.add(name, golden("colour_fp32").inputStream()) { _, _ -> }.path)
        }
    }

    @Test
    fun `files beside the catalogue in the app's assets are offered too`() {
        val catalog = ModelAssets(device.application.assets).catalog()
        val known = Catalog.read(device.application.assets.open("models/catalog.json").use { it.readBytes() })
        val files = device.application.assets.list("models").orEmpty().filter { it.endsWith(".tflite") }
        assertEquals(known.models, catalog.models.take(known.models.size))
        assertEquals(files.toSet(), catalog.models.map { it.path }.toSet())
    }

    private companion object {
        const val CUT_BYTES = 5000

        /** Keeps Korean words whole on the screen. */
        const val WORD_JOINER = '\u2060'
    }
}
