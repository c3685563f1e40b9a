package app.handset.tests

import android.content.Intent
import android.os.Bundle
import android.os.PowerManager
import app.handset.HandsetApplication
import app.handset.MeasuringActivity
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.engine.Interpreter
import java.nio.ByteBuffer
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Whether the app was in front while it measured. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class MeasuringScreenTest {
    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    @Test
    fun `closing the measuring screen cancels the job, neither unfolding the phone nor Home does`() {
        application.interpreter = JvmInterpreter
        for ((isClosed, status) in mapOf(false to "ok", true to "failed")) {
            val statuses = RecordedStatuses()
            val instrumentation = RecordingInstrumentation(application, statuses, patienceMs = 0)
            val activity = Robolectric.buildActivity(MeasuringActivity::class.java).create().get()
            if (isClosed) activity.finish()
            instrumentation.callActivityOnDestroy(activity)
            instrumentation.onCreate(Bundle().apply { putString("job", goldenJob("tensors_fp32").path) })
            val result = JSONObject(resultFile(application, checkNotNull(statuses.end).second).readText())
            assertEquals("$isClosed", status, result.getString("status"))
        }
    }

    private fun front(result: JSONObject) = listOf("state_before", "state_after")
        .map { result.getJSONObject(it).getBoolean("in_front") } to result.getInt("front_losses")

    @Test
    fun `the result says that the measuring screen was in front, and the phone's screen on`() {
        application.interpreter = JvmInterpreter
        val result = BenchmarkPhone().result()
        assertEquals(listOf(true, true) to 0, front(result))
        assertTrue(result.getJSONObject("state_before").getBoolean("screen_on"))
        shadowOf(application.getSystemService(PowerManager::class.java)).turnScreenOn(false)
        assertFalse(BenchmarkPhone().result().getJSONObject("state_after").getBoolean("screen_on"))
    }

    @Test
    fun `a measuring screen that never comes to the front is recorded, and the job is run all the same`() {
        application.interpreter = JvmInterpreter
        for (refusing in listOf<BenchmarkPhone.() -> Unit>({
        }, { throw SecurityException("Permission Denial: starting Intent") })) {
            val result = BenchmarkPhone(refusing).result()
            assertEquals("ok", result.getString("status"))
            assertEquals(listOf(false, false) to 0, front(result))
        }
    }

    @Test
    fun `a measuring screen that is resumed without the window focus is not in front`() {
        application.interpreter = JvmInterpreter
        val result = BenchmarkPhone {
            show()
            screen.windowFocusChanged(false)
        }.result()
        assertEquals(listOf(false, false), front(result).first)
    }

    @Test
    fun `Home pressed while it measures is recorded, also when the user comes back`() {
        val phone = BenchmarkPhone()
        application.interpreter = object : Interpreter by JvmInterpreter {
            override fun open(model: ByteBuffer, options: EngineOptions): Engine {
                phone.leave()
                return JvmInterpreter.open(model, options)
            }
        }
        assertEquals(listOf(true, true) to 1, front(phone.result()))
    }
}
