package app.handset.tests

import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.view.ChoiceRow
import app.handset.view.InkView
import java.io.File
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class ModelTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val device = Device()

    @After
    fun close() = device.close()

    private fun rows(): List<View> {
        val models = device.view<ViewGroup>(R.id.models)
        return (0 until models.childCount).map(models::getChildAt)
            .filter { it.findViewById<View>(R.id.row_title) != null }
    }

    private fun title(row: View) = row.findViewById<TextView>(R.id.row_title).text.toString()

    @Test
    fun `every model of the catalogue is offered with its size and input`() {
        device.launch().tap(R.id.tab_model)
        val catalog = device.application.classifiers.catalog.getOrThrow()
        assertEquals(catalog.models.size, rows().size)
        val facts = rows().map { it.findViewById<TextView>(R.id.row_facts).text.toString() }
        assertTrue("$facts", facts.all { Regex("""[\d.]+ [kM]B · input \d+ × \d+ × [13]""").matches(it) })
        assertTrue(device.text(R.id.loaded), "10 labels" in device.text(R.id.loaded))
    }

    @Test
    fun `a chosen model is used and stays chosen`() {
        device.launch().tap(R.id.tab_model)
        val other = rows().first { !it.isSelected }
        val chosen = title(other)
        other.performClick()
        device.waitUntilIdle()
        assertEquals(chosen, title(rows().first { it.isSelected }))
        device.turn("+land")
        assertEquals(chosen, title(rows().first { it.isSelected }))
        device.tap(R.id.tab_digit)
        assertEquals(chosen, device.text(R.id.chip))
    }

    @Test
    fun `an accelerator that is not there is message to have been refused`() {
        device.launch().tap(R.id.tab_model)
        device.view<ChoiceRow>(R.id.accelerators).getChildAt(2).performClick()
        device.waitUntilIdle()
        assertTrue(device.text(R.id.obtained), device.text(R.id.obtained).startsWith("Asked for GPU, obtained CPU"))
    }

    private fun messageWith(damage: (File) -> Unit): String {
        val models = FolderModels.copy(folder.root)
        damage(folder.root)
        device.application.models = models
        device.launch()
        StrokeInput(device.view<InkView>(R.id.ink)).draw(StrokeInput.strokes(7))
        device.waitUntilIdle()
        return device.text(R.id.message)
    }

    private fun File.default() = listFiles().orEmpty().first { it.name.startsWith("digits_cnn_dynamic") }

    @Test
    fun `a model that is no model is a message`() {
        val message = messageWith { it.default().writeText("this is a letter, not a model") }
        assertEquals("The model is damaged. Copy it again.", message)
    }

    @Test
    fun `a model that was cut short is a message`() {
        val message = messageWith { folder -> folder.default().run { writeBytes(readBytes().copyOf(50_000)) } }
        assertEquals("The model is damaged. Copy it again.", message)
    }

    @Test
    fun `a model that is not there is a message`() {
        val message = messageWith { it.default().delete() }
        assertTrue(message, "is not in this folder" in message)
    }

    @Test
    fun `a model that needs a newer runtime is a message that says which one is here`() {
        val message = messageWith { folder ->
            folder.default().run { writeBytes(NewerModel.of(readBytes())) }
        }
        assertTrue(message, message.startsWith("The model needs a newer TensorFlow Lite than this app has.\n"))
        assertTrue(message, "convert it for TensorFlow Lite ${JvmInterpreter.info.version}" in message)
    }

    @Test
    fun `a model whose preprocessing is of a newer format is a message that names both`() {
        val message = messageWith { folder ->
            folder.default().run { writeBytes(NewerModel.preprocessing(readBytes())) }
        }
        assertTrue(message, message.startsWith("This model cannot be used: "))
        assertTrue(message, "handset.preprocess/1" in message)
    }

    @Test
    fun `a catalogue of a newer format is a message`() {
        val message = messageWith { folder ->
            folder.resolve("catalog.json").run {
                writeText(readText().replace("handset.catalog/1", "handset.catalog/2"))
            }
        }
        assertTrue(message, "handset.catalog/2" in message)
    }
}
