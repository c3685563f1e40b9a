package app.handset.tests

import android.app.Activity
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.os.BatteryManager
import android.os.Bundle
import android.os.PowerManager
import app.handset.BenchmarkInstrumentation
import app.handset.HandsetApplication
import app.handset.MeasuringActivity
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.RuntimeInfo
import app.handset.engine.Interpreter
import app.handset.engine.TfLite
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.json.JSONObject
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class InstrumentationTest {
    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    /** The app's instrumentation; what it reports to the system is recorded. */
    private class RecordingInstrumentation(
        private val context: Context,
        private val statuses: RecordedStatuses,
        override val patienceMs: Long = 10_000
    ) : BenchmarkInstrumentation() {
        override fun getTargetContext(): Context = context

        override fun start() = onStart()

        override fun sendStatus(code: Int, results: Bundle) = statuses.status(code, results)

        override fun finish(code: Int, results: Bundle) {
            statuses.end = code to results
        }
    }

    /** A phone that opens the measuring screen, or another that does [open] instead. */
    private inner class Phone(private val open: Phone.() -> Unit = { show() }) : ContextWrapper(application) {
        val statuses = RecordedStatuses()
        private val instrumentation = RecordingInstrumentation(this, statuses, patienceMs = 100)
        lateinit var screen: ActivityController<MeasuringActivity>

        override fun startActivity(intent: Intent) = open()

        /** As Android does it: the instrumentation is asked to create the activity. */
        fun show() {
            screen = Robolectric.buildActivity(MeasuringActivity::class.java)
            instrumentation.callActivityOnCreate(screen.get(), null)
            screen.start().resume().visible().windowFocusChanged(true)
        }

        /** Home, and back. */
        fun leave() {
            screen.windowFocusChanged(false).pause()
            screen.resume().windowFocusChanged(true)
        }

        fun run(vararg arguments: Pair<String, String?>): RecordedStatuses {
            val bundle = Bundle().apply { arguments.forEach { (name, value) -> putString(name, value) } }
            instrumentation.onCreate(bundle)
            return statuses
        }

        /** The result of a job of tensors. */
        fun result(): JSONObject {
            run("job" to golden("tensors_fp32").path)
            return JSONObject(resultFile(checkNotNull(statuses.end).second).readText())
        }
    }

    private fun run(job: String?) = run("job" to job)

    private fun run(vararg arguments: Pair<String, String?>): RecordedStatuses {
        application.interpreter = JvmInterpreter
        return Phone().run(*arguments)
    }

    private fun golden(name: String) = Device.ROOT.resolve("tests/golden/jobs/$name")

    /** The result file, which is named as `run-as` sees it: from the folder above the app's files. */
    private fun resultFile(report: Bundle) =
        File(application.filesDir.parentFile, checkNotNull(report.getString("handset_result")))

    private fun floats(data: ByteArray): FloatArray {
        val buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
        return FloatArray(buffer.remaining()).also(buffer::get)
    }

    @Test
    fun `a golden job of pictures gives the expected outputs, decoded by Android's own decoder`() {
        val folder = golden("images_fp32")
        val (code, report) = checkNotNull(run(folder.path).end)
        assertEquals(Activity.RESULT_OK, code)
        val file = resultFile(report)
        assertEquals(FolderModels.sha256(file), report.getString("handset_sha256"))
        val result = JSONObject(file.readText())
        assertEquals(result.toString(), "ok", result.getString("status"))
        assertEquals("android", result.getJSONObject("runner").getString("name"))
        val outputs = result.getJSONObject("blobs").getJSONObject("outputs").getString("path")
        val expected = JSONObject(folder.resolve("expected.json").readText())
        assertArrayEquals(
            floats(folder.resolve("expected.bin").readBytes()),
            floats(file.resolveSibling(outputs).readBytes()),
            expected.getDouble("tolerance").toFloat()
        )
        val modelInputs = result.getJSONObject("blobs").getJSONObject("fed").getString("path")
        assertArrayEquals(folder.resolve("expected_fed.bin").readBytes(), file.resolveSibling(modelInputs).readBytes())
    }

    @Test
    fun `statuses are those of JUnit's runner, and progress is among them`() {
        val statuses = run(golden("tensors_fp32").path)
        val tests = statuses.tests
        assertEquals(listOf(1, 0), tests.map { it.first })
        assertTrue(tests.all { (_, status) -> status.getString("class") == BenchmarkInstrumentation::class.java.name })
        assertTrue(tests.all { (_, status) -> status.getInt("numtests") == 1 })
        assertTrue(statuses.statuses.any { (_, status) -> status.containsKey("done") && status.containsKey("total") })
    }

    @Test
    fun `a job that fails is a failed test with its cause, and has a result all the same`() {
        val statuses = run(golden("fails_model_is_text").path)
        val (code, report) = statuses.tests.last()
        assertEquals(-2, code)
        assertTrue(report.getString("stack"), checkNotNull(report.getString("stack")).startsWith("model-refused: "))
        val file = resultFile(checkNotNull(statuses.end).second)
        assertEquals("failed", JSONObject(file.readText()).getString("status"))
    }

    @Test
    fun `one start runs every job below a folder and leaves results on the shared storage, as farms need it`() {
        val jobs = listOf("tensors_fp32", "tensors_int8", "fails_model_is_text")
        val folder = application.cacheDir.resolve("jobs")
        for (job in jobs) {
            val moved = folder.resolve(job).apply { mkdirs() }
            golden(job).listFiles().orEmpty().forEach { it.copyTo(moved.resolve(it.name)) }
        }
        Device.ROOT.resolve("tests/golden/models").copyRecursively(application.cacheDir.resolve("models"))
        val statuses = run("jobs" to folder.path, "results" to "external")
        assertEquals(Activity.RESULT_OK, checkNotNull(statuses.end).first)
        assertEquals(listOf(1, -2, 1, 0, 1, 0), statuses.tests.map { it.first })
        assertTrue(statuses.tests.all { (_, status) -> status.getInt("numtests") == jobs.size })
        val shared = checkNotNull(application.getExternalFilesDir(null))
        assertEquals(
            jobs.map { "$it.result.json" }.sorted(),
            shared.list().orEmpty().filter { it.endsWith(".result.json") }.sorted()
        )
        assertTrue(application.filesDir.list().orEmpty().none { it.endsWith(".result.json") })
    }

    @Test
    fun `closing the measuring screen cancels the job, neither unfolding the phone nor Home does`() {
        application.interpreter = JvmInterpreter
        for ((isClosed, status) in mapOf(false to "ok", true to "failed")) {
            val statuses = RecordedStatuses()
            val instrumentation = RecordingInstrumentation(application, statuses, patienceMs = 0)
            val activity = Robolectric.buildActivity(MeasuringActivity::class.java).create().get()
            if (isClosed) activity.finish()
            instrumentation.callActivityOnDestroy(activity)
            instrumentation.onCreate(Bundle().apply { putString("job", golden("tensors_fp32").path) })
            val result = JSONObject(resultFile(checkNotNull(statuses.end).second).readText())
            assertEquals("$isClosed", status, result.getString("status"))
        }
    }

    private fun front(result: JSONObject) = listOf("state_before", "state_after")
        .map { result.getJSONObject(it).getBoolean("in_front") } to result.getInt("front_losses")

    @Test
    fun `the result says that the measuring screen was in front, and the phone's screen on`() {
        application.interpreter = JvmInterpreter
        val result = Phone().result()
        assertEquals(listOf(true, true) to 0, front(result))
        assertTrue(result.getJSONObject("state_before").getBoolean("screen_on"))
        shadowOf(application.getSystemService(PowerManager::class.java)).turnScreenOn(false)
        assertFalse(Phone().result().getJSONObject("state_after").getBoolean("screen_on"))
    }

    @Test
    fun `a measuring screen that never comes to the front is recorded, and the job is run all the same`() {
        application.interpreter = JvmInterpreter
        for (refusing in listOf<Phone.() -> Unit>({
        }, { throw SecurityException("Permission Denial: starting Intent") })) {
            val result = Phone(refusing).result()
            assertEquals("ok", result.getString("status"))
            assertEquals(listOf(false, false) to 0, front(result))
        }
    }

    @Test
    fun `a measuring screen that is resumed without the window focus is not in front`() {
        application.interpreter = JvmInterpreter
        val result = Phone {
            show()
            screen.windowFocusChanged(false)
        }.result()
        assertEquals(listOf(false, false), front(result).first)
    }

    @Test
    fun `Home pressed while it measures is recorded, also when the user comes back`() {
        val phone = Phone()
        application.interpreter = object : Interpreter by JvmInterpreter {
            override fun open(model: ByteBuffer, options: EngineOptions): Engine {
                phone.leave()
                return JvmInterpreter.open(model, options)
            }
        }
        assertEquals(listOf(true, true) to 1, front(phone.result()))
    }

    private fun failure(interpreter: Interpreter): String {
        application.interpreter = interpreter
        val result = Phone().result()
        assertEquals("failed", result.getString("status"))
        assertEquals("unknown", result.getJSONObject("runtime").getString("version"))
        val error = result.getJSONObject("error")
        assertEquals("library-not-loaded", error.getString("kind"))
        return error.getString("message")
    }

    @Test
    fun `a library that does not load gives a failed result, again and again`() {
        // The real one, which has no native library for this computer.
        repeat(2) {
            val message = failure(TfLite)
            assertTrue(message, "no tensorflowlite_jni in java.library.path" in message)
            assertTrue(message, "for this phone's processor, or with Gradle, which takes LiteRT 1.4.0" in message)
        }
    }

    @Test
    fun `a library for smaller pages than the phone's names the build that has larger ones`() {
        val words = "dlopen failed: \"libtensorflowlite_jni.so\" program alignment (4096) cannot be smaller than " +
            "system page size (16384)"
        val first = UnsatisfiedLinkError(words)
        val again = NoClassDefFoundError("org.tensorflow.lite.Tensor").apply {
            initCause(ExceptionInInitializerError(first))
        }
        for (error in listOf(first, ExceptionInInitializerError(first), again)) {
            val message = failure(object : Interpreter {
                override val info: RuntimeInfo get() = throw error

                override fun open(model: ByteBuffer, options: EngineOptions): Engine = throw error
            })
            assertTrue(message, words in message)
            assertTrue(message, "pages of memory: build the app with Gradle, which takes LiteRT 1.4.0" in message)
        }
    }

    @Test
    fun `without a job it says how to name one`() {
        val (code, report) = checkNotNull(run(null).end)
        assertEquals(Activity.RESULT_CANCELED, code)
        assertTrue("-e job" in checkNotNull(report.getString("shortMsg")))
    }

    @Test
    fun `the battery is in the result before and after`() {
        val battery = Intent(Intent.ACTION_BATTERY_CHANGED).putExtra(BatteryManager.EXTRA_LEVEL, 40)
            .putExtra(BatteryManager.EXTRA_SCALE, 50).putExtra(BatteryManager.EXTRA_TEMPERATURE, 315)
        @Suppress("DEPRECATION")
        application.sendStickyBroadcast(battery)
        val report = checkNotNull(run(golden("tensors_fp32").path).end).second
        val result = JSONObject(resultFile(report).readText())
        for (state in listOf("state_before", "state_after").map(result::getJSONObject)) {
            assertEquals(80.0, state.getDouble("battery_percent"), 0.0)
            assertEquals(31.5, state.getDouble("battery_celsius"), 0.0)
        }
    }
}
