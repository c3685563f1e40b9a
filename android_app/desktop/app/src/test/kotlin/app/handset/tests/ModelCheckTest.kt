package app.handset.tests

import android.view.View
import android.view.ViewGroup
import app.handset.R
import app.handset.core.AcceleratorException
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.Screen
import app.handset.engine.Interpreter
import app.handset.view.ChoiceRow
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The self-test of a model, which a user asks for on the Model screen. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class ModelCheckTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val device = Device()
    private val interpreter = CountingInterpreter()
    private val models by lazy { FolderModels.golden(folder.root) }

    @After
    fun close() = device.close()

    private fun openModels(interpreter: Interpreter = this.interpreter) {
        device.application.models = models
        device.launch(interpreter).tap(R.id.tab_model)
    }

    /** Choose the [index]th model of the catalogue without waiting for anything. */
    private fun choose(index: Int) = (0 until device.view<ViewGroup>(R.id.models).childCount)
        .map(device.view<ViewGroup>(R.id.models)::getChildAt)
        .filter { it.findViewById<View>(R.id.row_title) != null }[index].performClick()

    @Test
    fun `nothing is tested before the user asks`() {
        openModels()
        assertEquals("Check this model", device.text(R.id.check))
        assertFalse(device.isShown(R.id.self_test))
        assertEquals(0, interpreter.runs.get())
    }

    @Test
    fun `the chosen model passed, and a turned phone still says so without a second test`() {
        openModels()
        device.tap(R.id.check)
        assertEquals(PASSED, device.text(R.id.self_test))
        device.turn("+land")
        assertEquals(PASSED, device.text(R.id.self_test))
        device.tap(R.id.tab_camera)
        device.tap(R.id.tab_model)
        assertEquals(PASSED, device.text(R.id.self_test))
        assertEquals(INPUTS, interpreter.runs.get())
    }

    @Test
    fun `the model for pictures stays the one that is shown when the phone turns`() {
        openModels()
        choose(2)
        device.waitUntilIdle()
        device.tap(R.id.check)
        device.turn("+land")
        assertEquals(PASSED, device.text(R.id.self_test))
        assertEquals(INPUTS, interpreter.runs.get())
    }

    /** Stops before the fourth run until [free] is counted down. */
    private class StoppingInterpreter(private val counting: CountingInterpreter) : Interpreter by counting {
        val reached = CountDownLatch(1)
        val free = CountDownLatch(1)

        override fun open(model: ByteBuffer, options: EngineOptions): Engine {
            val engine = counting.open(model, options)
            return object : Engine by engine {
                override fun run(input: ByteBuffer, output: ByteBuffer): Long {
                    if (counting.runs.get() == STOP) {
                        reached.countDown()
                        free.await()
                    }
                    return engine.run(input, output)
                }
            }
        }
    }

    @Test
    fun `a phone that is turned in the middle shows how far the test is, and its result, and runs it once`() {
        val stopping = StoppingInterpreter(interpreter)
        openModels(stopping)
        device.view<View>(R.id.check).performClick()
        stopping.reached.await()
        val before = device.activity
        device.controller.recreate()
        assertFalse(device.activity === before)
        assertEquals("Checking: 3 of 7 inputs…", device.text(R.id.check))
        assertFalse(device.view<View>(R.id.check).isEnabled)
        stopping.free.countDown()
        device.waitUntilIdle()
        assertEquals(PASSED, device.text(R.id.self_test))
        assertEquals("Check this model", device.text(R.id.check))
        assertTrue(device.view<View>(R.id.check).isEnabled)
        assertEquals(INPUTS, interpreter.runs.get())
    }

    @Test
    fun `what differs is said, and that a damaged self-test cannot be read`() {
        models.damageSelfTest("digit", "digit_3.raw") { it.clone().apply { set(400, (get(400) + 1).toByte()) } }
        openModels()
        device.tap(R.id.check)
        val expected = "Self-test: 1 of 7 inputs differ from the desktop, digit_3.raw first at preprocessing."
        assertEquals(expected, device.text(R.id.self_test))
        folder.root.resolve("digit.selftest").writeText("no zip")
        device.tap(R.id.check)
        val message = device.text(R.id.self_test)
        assertTrue(message, message.startsWith("This model cannot be checked: the self-test cannot be read: "))
    }

    @Test
    fun `a result says nothing of another model, or of other settings`() {
        openModels()
        device.tap(R.id.check)
        choose(1)
        device.waitUntilIdle()
        assertFalse(device.isShown(R.id.self_test))
        device.tap(R.id.check)
        assertEquals(PASSED, device.text(R.id.self_test))
        device.view<ChoiceRow>(R.id.accelerators).getChildAt(1).performClick()
        device.waitUntilIdle()
        assertFalse(device.isShown(R.id.self_test))
        assertEquals(2 * INPUTS, interpreter.runs.get())
    }

    @Test
    fun `a result that comes late is not shown below a model that has no self-test`() {
        device.application.models = models
        val catalog = folder.root.resolve("catalog.json")
        catalog.writeText(catalog.readText().replaceFirst("\"self_test\":\"digit.selftest\"", "\"self_test\":null"))
        val (without, with) = models.catalog().models.filter { it.screen == Screen.DIGIT }
        assertEquals(listOf(null, "digit.selftest"), listOf(without.selfTest, with.selfTest))
        device.application.classifiers.settings.choose(with)
        openModels()
        device.view<View>(R.id.check).performClick()
        choose(0)
        device.waitUntilIdle()
        assertFalse(device.isShown(R.id.self_test))
        assertFalse(device.isShown(R.id.check))
    }

    @Test
    fun `an accelerator that fails in the self-test is named`() {
        openModels(FailingInterpreter)
        device.tap(R.id.check)
        val message = device.text(R.id.self_test)
        assertTrue(message, message.startsWith("CPU with XNNPACK cannot run this model: the GPU was lost; "))
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

    private companion object {
        const val INPUTS = 7
        const val STOP = 3
        const val PASSED = "Self-test passed: 7 inputs give at every stage what they gave on the desktop."
    }
}
