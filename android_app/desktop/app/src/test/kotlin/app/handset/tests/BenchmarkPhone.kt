package app.handset.tests

import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.os.Bundle
import app.handset.BenchmarkInstrumentation
import app.handset.MeasuringActivity
import java.io.File
import org.json.JSONObject
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.android.controller.ActivityController

/** A phone that opens the measuring screen, or another that does [open] instead. */
class BenchmarkPhone(private val open: BenchmarkPhone.() -> Unit = { show() }) :
    ContextWrapper(RuntimeEnvironment.getApplication()) {
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
        run("job" to goldenJob("tensors_fp32").path)
        return JSONObject(resultFile(this, checkNotNull(statuses.end).second).readText())
    }
}

/** The app's instrumentation; what it reports to the system is recorded. */
class RecordingInstrumentation(
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

/** The folder of a job of tests/golden. */
fun goldenJob(name: String): File = Device.ROOT.resolve("tests/golden/jobs/$name")

/** The result file, which is named as `run-as` sees it: from the folder above the app's files. */
fun resultFile(context: Context, report: Bundle) =
    File(context.filesDir.parentFile, checkNotNull(report.getString("handset_result")))
