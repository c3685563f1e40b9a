package app.handset.tests

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.os.BatteryManager
import android.os.Bundle
import app.handset.BenchmarkInstrumentation
import app.handset.HandsetApplication
import app.handset.MeasuringActivity
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import org.json.JSONObject
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.util.ReflectionHelpers

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class InstrumentationTest {
    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    /** The app's instrumentation, with what it tells the system kept. */
    private class Listened(private val context: Context, private val told: Told) : BenchmarkInstrumentation() {
        override fun getTargetContext(): Context = context

        override fun start() = onStart()

        override fun sendStatus(code: Int, results: Bundle) = told.status(code, results)

        override fun finish(code: Int, results: Bundle) {
            told.end = code to results
        }
    }

    private fun run(job: String?) = run("job" to job)

    private fun run(vararg arguments: Pair<String, String?>): Told {
        application.interpreter = JvmInterpreter
        val given = Bundle().apply { arguments.forEach { (name, value) -> putString(name, value) } }
        return Told().also { Listened(application, it).onCreate(given) }
    }

    private fun golden(name: String) = Device.ROOT.resolve("tests/golden/jobs/$name")

    /** The result file, which is named as `run-as` sees it: from the folder above the app's files. */
    private fun reported(told: Bundle) =
        File(application.filesDir.parentFile, checkNotNull(told.getString("handset_result")))

    private fun floats(data: ByteArray): FloatArray {
        val buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
        return FloatArray(buffer.remaining()).also(buffer::get)
    }

    @Test
    fun `a golden job of pictures gives the expected outputs, decoded by Android's own decoder`() {
        val folder = golden("images_fp32")
        val (code, told) = checkNotNull(run(folder.path).end)
        assertEquals(Activity.RESULT_OK, code)
        val file = reported(told)
        val digest = MessageDigest.getInstance("SHA-256").digest(file.readBytes()).joinToString("") {
            "%02x".format(it)
        }
        assertEquals(digest, told.getString("handset_sha256"))
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
        val fed = result.getJSONObject("blobs").getJSONObject("fed").getString("path")
        assertArrayEquals(folder.resolve("expected_fed.bin").readBytes(), file.resolveSibling(fed).readBytes())
    }

    @Test
    fun `statuses are those of JUnit's runner, and progress is among them`() {
        val ran = run(golden("tensors_fp32").path)
        val tests = ran.tests
        assertEquals(listOf(1, 0), tests.map { it.first })
        assertTrue(tests.all { (_, told) -> told.getString("class") == BenchmarkInstrumentation::class.java.name })
        assertTrue(tests.all { (_, told) -> told.getInt("numtests") == 1 })
        assertTrue(ran.statuses.any { (_, told) -> told.containsKey("done") && told.containsKey("total") })
    }

    @Test
    fun `a job that fails is a failed test with its cause, and has a result all the same`() {
        val ran = run(golden("fails_model_is_text").path)
        val (code, told) = ran.tests.last()
        assertEquals(-2, code)
        assertTrue(told.getString("stack"), checkNotNull(told.getString("stack")).startsWith("model-refused: "))
        val file = reported(checkNotNull(ran.end).second)
        assertEquals("failed", JSONObject(file.readText()).getString("status"))
    }

    @Test
    fun `a farm starts it once for every job below a folder, and pulls results from the shared storage`() {
        val jobs = listOf("tensors_fp32", "tensors_int8", "fails_model_is_text")
        val folder = application.cacheDir.resolve("jobs")
        for (job in jobs) {
            val moved = folder.resolve(job).apply { mkdirs() }
            golden(job).listFiles().orEmpty().forEach { it.copyTo(moved.resolve(it.name)) }
        }
        Device.ROOT.resolve("tests/golden/models").copyRecursively(application.cacheDir.resolve("models"))
        val ran = run("jobs" to folder.path, "results" to "external")
        assertEquals(Activity.RESULT_OK, checkNotNull(ran.end).first)
        assertEquals(listOf(1, -2, 1, 0, 1, 0), ran.tests.map { it.first })
        assertTrue(ran.tests.all { (_, told) -> told.getInt("numtests") == jobs.size })
        val shared = checkNotNull(application.getExternalFilesDir(null))
        assertEquals(
            jobs.map { "$it.result.json" }.sorted(),
            shared.list().orEmpty().filter { it.endsWith(".result.json") }.sorted()
        )
        assertTrue(application.filesDir.list().orEmpty().none { it.endsWith(".result.json") })
    }

    @Test
    fun `who closes the measuring screen cancels the job, who unfolds the phone does not`() {
        application.interpreter = JvmInterpreter
        for ((unfolded, status) in mapOf(true to "ok", false to "failed")) {
            val told = Told()
            val instrumentation = Listened(application, told)
            val activity = Robolectric.buildActivity(MeasuringActivity::class.java).create().get()
            ReflectionHelpers.setField(activity, "mChangingConfigurations", unfolded)
            instrumentation.callActivityOnDestroy(activity)
            instrumentation.onCreate(Bundle().apply { putString("job", golden("tensors_fp32").path) })
            val result = JSONObject(reported(checkNotNull(told.end).second).readText())
            assertEquals("$unfolded", status, result.getString("status"))
        }
    }

    @Test
    fun `without a job it says how to name one`() {
        val (code, told) = checkNotNull(run(null).end)
        assertEquals(Activity.RESULT_CANCELED, code)
        assertTrue("-e job" in checkNotNull(told.getString("shortMsg")))
    }

    @Test
    fun `the battery is in the result before and after`() {
        val battery = Intent(Intent.ACTION_BATTERY_CHANGED).putExtra(BatteryManager.EXTRA_LEVEL, 40)
            .putExtra(BatteryManager.EXTRA_SCALE, 50).putExtra(BatteryManager.EXTRA_TEMPERATURE, 315)
        @Suppress("DEPRECATION")
        application.sendStickyBroadcast(battery)
        val told = checkNotNull(run(golden("tensors_fp32").path).end).second
        val result = JSONObject(reported(told).readText())
        for (state in listOf("state_before", "state_after").map(result::getJSONObject)) {
            assertEquals(80.0, state.getDouble("battery_percent"), 0.0)
            assertEquals(31.5, state.getDouble("battery_celsius"), 0.0)
        }
    }
}
