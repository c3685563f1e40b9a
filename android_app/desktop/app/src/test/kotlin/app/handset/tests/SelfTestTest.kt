package app.handset.tests

import android.app.Activity
import android.content.Context
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import app.handset.HandsetApplication
import app.handset.R
import app.handset.SelfTestInstrumentation
import app.handset.core.AcceleratorException
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.Screen
import app.handset.engine.Interpreter
import app.handset.picture.BitmapDecoder
import java.nio.ByteBuffer
import java.util.zip.ZipEntry
import java.util.zip.ZipInputStream
import java.util.zip.ZipOutputStream
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The phone's self-test, as far as a desktop can run it: with [FakeRegionDecoder] as decoder of regions. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE, shadows = [FakeRegionDecoder::class])
class SelfTestTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val application = RuntimeEnvironment.getApplication() as HandsetApplication
    private val device = Device()

    private class RecordingInstrumentation(private val statuses: RecordedStatuses) : SelfTestInstrumentation() {
        override fun getTargetContext(): Context = RuntimeEnvironment.getApplication()

        override fun start() = onStart()

        override fun sendStatus(code: Int, results: Bundle) = statuses.status(code, results)

        override fun finish(code: Int, results: Bundle) {
            statuses.end = code to results
        }
    }

    private fun selfTest(): RecordedStatuses {
        application.interpreter = JvmInterpreter
        return RecordedStatuses().also { RecordingInstrumentation(it).onCreate(null) }
    }

    private fun failures() =
        selfTest().tests.filter { it.first == -2 }.map { (_, test) -> checkNotNull(test.getString("stack")) }

    /** The golden self-test [recipe] with one file of it changed. */
    private fun damaged(recipe: String, file: String, change: (ByteArray) -> ByteArray) {
        val target = folder.root.resolve("$recipe.selftest")
        val files = ZipInputStream(target.inputStream()).use { zip ->
            generateSequence { zip.nextEntry?.name }.map { it to zip.readBytes() }.toList()
        }
        ZipOutputStream(target.outputStream()).use { zip ->
            for ((name, data) in files) {
                zip.putNextEntry(ZipEntry(name))
                zip.write(if (name == file) change(data) else data)
            }
        }
    }

    @After
    fun right() {
        FakeRegionDecoder.lateRows = 0
        device.close()
    }

    @Test
    fun `strips equal the whole for every format and size`() {
        val statuses = selfTest()
        val strips = statuses.tests.filter { (_, test) -> "strips" in checkNotNull(test.getString("test")) }
        assertEquals(List(9) { listOf(1, 0) }.flatten(), strips.map { it.first })
        assertTrue(strips.all { (_, test) -> test.getString("class") == SelfTestInstrumentation::class.java.name })
        val (code, end) = checkNotNull(statuses.end)
        assertEquals(Activity.RESULT_OK, code)
        assertTrue(checkNotNull(end.getString("stream")).startsWith("\nOK ("))
    }

    @Test
    fun `a decoder whose strips are a row off is found, and the row named`() {
        FakeRegionDecoder.lateRows = 1
        val failed = failures()
        assertEquals(6, failed.size) // a picture of one row has no second strip
        assertTrue("$failed", failed.all { "levels differ, by at most" in it && it.endsWith("first in row 64") })
    }

    @Test
    fun `a large picture is decoded in as few strips as its share of memory allows`() {
        val data = Photographs.noise(width = 100, height = 500)
        FakeRegionDecoder.regions = 0
        BitmapDecoder(wholePixels = 20_000).decode(data, "large", Photographs.IgnoringSink)
        assertEquals(3, FakeRegionDecoder.regions) // 192 rows of 100 pixels are the most below 20,000
    }

    @Test
    fun `models that compute at every stage what the desktop computed pass`() {
        application.models = FolderModels.golden(folder.root)
        val models = selfTest().tests.filter { (_, test) -> "every_stage" in checkNotNull(test.getString("test")) }
        assertEquals(listOf(1, 0, 1, 0, 1, 0), models.map { it.first })
    }

    @Test
    fun `the stage that differs first is named`() {
        application.models = FolderModels.golden(folder.root)
        damaged("colour", "rgb_alpha.png") { Photographs.noise(8, 8) }
        damaged("digit", "digit_int8.bin") { it.clone().apply { set(25, (get(25) + 3).toByte()) } }
        assertEquals(
            listOf(
                "every_stage_is_as_on_the_desktop[digit int8]: digit_2.raw differs at output by 3.0",
                "every_stage_is_as_on_the_desktop[colour fp32]: rgb_alpha.png differs at decode"
            ),
            failures()
        )
    }

    @Test
    fun `the Model screen says that the chosen model passed`() {
        application.models = FolderModels.golden(folder.root)
        device.launch().tap(R.id.tab_model)
        val expected = "Self-test passed: 7 inputs give at every stage what they gave on the desktop."
        assertEquals(expected, device.text(R.id.self_test))
    }

    @Test
    fun `the Model screen says what differs, and that a damaged self-test cannot be read`() {
        application.models = FolderModels.golden(folder.root)
        damaged("digit", "digit_3.raw") { it.clone().apply { set(400, (get(400) + 1).toByte()) } }
        device.launch().tap(R.id.tab_model)
        val expected = "Self-test: 1 of 7 inputs differ from the desktop, digit_3.raw first at preprocessing."
        assertEquals(expected, device.text(R.id.self_test))
        folder.root.resolve("digit.selftest").writeText("no zip")
        device.turn("+land")
        assertTrue(
            device.text(R.id.self_test),
            device.text(R.id.self_test).startsWith("the self-test cannot be read: ")
        )
    }

    @Test
    fun `a result that comes late is not shown below a model that has no self-test`() {
        val models = FolderModels.golden(folder.root)
        val catalog = folder.root.resolve("catalog.json")
        catalog.writeText(catalog.readText().replaceFirst("\"self_test\":\"digit.selftest\"", "\"self_test\":null"))
        application.models = models
        device.launch()
        val (without, with) = models.catalog().models.filter { it.screen == Screen.DIGIT }
        assertEquals(listOf(null, "digit.selftest"), listOf(without.selfTest, with.selfTest))
        application.classifiers.settings.choose(with)
        device.view<View>(R.id.tab_model).performClick()
        val rows = device.view<ViewGroup>(R.id.models)
        rows.getChildAt(1 + models.catalog().models.indexOf(without)).performClick()
        device.waitUntilIdle()
        assertFalse(device.isShown(R.id.self_test))
    }

    @Test
    fun `an accelerator that fails in the self-test is named`() {
        application.models = FolderModels.golden(folder.root)
        device.launch(FailingInterpreter).tap(R.id.tab_model)
        assertEquals("the GPU was lost; run on the CPU", device.text(R.id.self_test))
    }

    /** A real interpreter whose accelerator fails when it runs. */
    private object FailingInterpreter : Interpreter by JvmInterpreter {
        override fun open(model: ByteBuffer, options: EngineOptions): Engine {
            val engine = JvmInterpreter.open(model, options)
            return object : Engine by engine {
                override fun run(input: ByteBuffer, output: ByteBuffer): Long =
                    throw AcceleratorException("the GPU was lost; run on the CPU")
            }
        }
    }

    @Test
    fun `a model without a self-test says nothing about one`() {
        device.launch().tap(R.id.tab_model)
        val hasOne = application.classifiers.entry(Screen.DIGIT)?.selfTest != null
        assertEquals(hasOne, device.isShown(R.id.self_test))
    }
}
