package app.handset.tests

import android.app.Activity
import android.content.Intent
import android.os.BatteryManager
import app.handset.BenchmarkInstrumentation
import app.handset.HandsetApplication
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.json.JSONObject
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class InstrumentationTest {
    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    private fun run(job: String?) = run("job" to job)

    private fun run(vararg arguments: Pair<String, String?>): RecordedStatuses {
        application.interpreter = JvmInterpreter
        return BenchmarkPhone().run(*arguments)
    }

    private fun floats(data: ByteArray): FloatArray {
        val buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
        return FloatArray(buffer.remaining()).also(buffer::get)
    }

    @Test
    fun `a golden job of pictures gives the expected outputs, decoded by Android's own decoder`() {
        val folder = goldenJob("images_fp32")
        val (code, report) = checkNotNull(run(folder.path).end)
        assertEquals(Activity.RESULT_OK, code)
        val file = resultFile(application, report)
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
    fun `a golden probe gives all tensors of its model`() {
        val folder = goldenJob("probe_fp32")
        val (code, report) = checkNotNull(run(folder.path).end)
        assertEquals(Activity.RESULT_OK, code)
        val file = resultFile(application, report)
        val result = JSONObject(file.readText())
        assertEquals(result.toString(), "ok", result.getString("status"))
        assertEquals("handset.result/2", result.getString("format"))
        val expected = JSONObject(folder.resolve("expected.json").readText())
        assertEquals(expected.getJSONArray("tensors").toString(), result.getJSONArray("tensors").toString())
        val values = result.getJSONObject("blobs").getJSONObject("values").getString("path")
        val wanted = floats(folder.resolve("expected.bin").readBytes())
        val unit = expected.getDouble("tolerance").toFloat() * wanted.maxOf(Math::abs)
        assertArrayEquals(wanted, floats(file.resolveSibling(values).readBytes()), unit)
    }

    @Test
    fun `statuses are those of JUnit's runner, and progress is among them`() {
        val statuses = run(goldenJob("tensors_fp32").path)
        val tests = statuses.tests
        assertEquals(listOf(1, 0), tests.map { it.first })
        assertTrue(tests.all { (_, status) -> status.getString("class") == BenchmarkInstrumentation::class.java.name })
        assertTrue(tests.all { (_, status) -> status.getInt("numtests") == 1 })
        assertTrue(statuses.statuses.any { (_, status) -> status.containsKey("done") && status.containsKey("total") })
    }

    @Test
    fun `a job that fails is a failed test with its cause, and has a result all the same`() {
        val statuses = run(goldenJob("fails_model_is_text").path)
        val (code, report) = statuses.tests.last()
        assertEquals(-2, code)
        assertTrue(report.getString("stack"), checkNotNull(report.getString("stack")).startsWith("model-refused: "))
        val file = resultFile(application, checkNotNull(statuses.end).second)
        assertEquals("failed", JSONObject(file.readText()).getString("status"))
    }

    @Test
    fun `one start runs every job below a folder and leaves results on the shared storage, as farms need it`() {
        val jobs = listOf("tensors_fp32", "tensors_int8", "fails_model_is_text")
        val folder = application.cacheDir.resolve("jobs")
        for (job in jobs) {
            val moved = folder.resolve(job).apply { mkdirs() }
            goldenJob(job).listFiles().orEmpty().forEach { it.copyTo(moved.resolve(it.name)) }
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
        val report = checkNotNull(run(goldenJob("tensors_fp32").path).end).second
        val result = JSONObject(resultFile(application, report).readText())
        for (state in listOf("state_before", "state_after").map(result::getJSONObject)) {
            assertEquals(80.0, state.getDouble("battery_percent"), 0.0)
            assertEquals(31.5, state.getDouble("battery_celsius"), 0.0)
        }
    }
}
