package app.handset

import android.app.Activity
import android.app.Instrumentation
import android.content.Intent
import android.os.Bundle
import android.util.Log
import app.handset.job.Heartbeat
import app.handset.job.JobOutcome
import app.handset.job.JobProgress
import app.handset.job.JobRunner
import app.handset.picture.BitmapDecoder
import java.io.File
import java.io.IOException

/**
 * Runs one job: `am instrument -w -r -e job FOLDER app.handset/.BenchmarkInstrumentation`; or every job below a folder:
 * `-e jobs FOLDER -e results external`, for device farms, which start it once and cannot read the app's own folder.
 *
 * It reports as JUnit's runner does, so that a farm lists each job as a test. The last result file is named with its
 * sha256 in the instrumentation's result.
 */
open class BenchmarkInstrumentation : Instrumentation() {
    private val progress = JobProgress()
    private val front = Front()
    private var arguments = Bundle.EMPTY

    /** How long to wait for the measuring screen; slow phones need seconds to start the app and to wake the screen. */
    protected open val patienceMs = 10_000L

    override fun onCreate(arguments: Bundle?) {
        super.onCreate(arguments)
        this.arguments = arguments ?: Bundle.EMPTY
        start()
    }

    override fun onStart() {
        super.onStart()
        val jobs = jobs()
        if (jobs.isEmpty()) return refuse("no job is there; give its folder with -e $JOB, or that above with -e $JOBS")
        val out = results() ?: return refuse("there is no shared storage now; leave out -e $RESULTS")
        val outcomes = try {
            jobs.mapIndexed { index, job ->
                val test = TestReporter(this, job.name, index + 1, jobs.size).apply { started() }
                measure(job, out).also { test.ended(it.failure?.run { "${kind.text}: $message" }) }
            }
        } catch (error: IOException) { // no result can be written
            return refuse("no result can be written: ${error.message}; make room on the phone")
        }
        finish(Activity.RESULT_OK, report(outcomes.last()))
    }

    private fun jobs(): List<File> = arguments.getString(JOB)?.let { listOf(File(it)) }
        ?: arguments.getString(JOBS)?.let { File(it).listFiles(File::isDirectory)?.sorted() }.orEmpty()

    /** The folder for results: the app's own, or the one on the shared storage with `-e results external`. */
    private fun results(): File? = if (arguments.getString(RESULTS) ==
        EXTERNAL
    ) {
        targetContext.getExternalFilesDir(null)
    } else {
        targetContext.filesDir
    }

    private fun measure(job: File, out: File): JobOutcome {
        val interpreter = (targetContext.applicationContext as HandsetApplication).interpreter
        val runner = JobRunner(CountedNodes(interpreter), BitmapDecoder(), PhoneHost(targetContext, interpreter, front))
        return Heartbeat(progress) { done, total -> sendStatus(ALIVE, progressBundle(done, total)) }.use {
            bringToFront()
            runner.run(job, out, progress)
        }
    }

    /**
     * Show the measuring screen, and wait for it. Some phones refuse that without an error: the job is run all the
     * same, and its result says that the app was not in front.
     */
    @Suppress("TooGenericExceptionCaught") // what a phone throws that does not let an app open a screen is its own
    private fun bringToFront() {
        if (front.isInFront || progress.isCancelled) return
        try {
            targetContext.startActivity(
                Intent(targetContext, MeasuringActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
            )
        } catch (error: RuntimeException) {
            Log.w(TAG, "the measuring screen cannot be shown", error)
        }
        if (!front.await(patienceMs)) Log.w(TAG, "the measuring screen did not come to the front in $patienceMs ms")
    }

    override fun callActivityOnCreate(activity: Activity, state: Bundle?) {
        if (activity is MeasuringActivity) activity.front = front
        super.callActivityOnCreate(activity, state)
    }

    /** A user who closes the screen wants the phone back. Unfolding the phone, or Home, may only destroy it for now. */
    override fun callActivityOnDestroy(activity: Activity) {
        if (activity is MeasuringActivity && activity.isFinishing) progress.cancel()
        super.callActivityOnDestroy(activity)
    }

    private fun progressBundle(done: Int, total: Int) = Bundle().apply {
        putInt("done", done)
        putInt("total", total)
    }

    private fun report(outcome: JobOutcome) = Bundle().apply {
        putString("handset_job", outcome.id)
        // Relative to the folder in which `run-as` starts.
        putString("handset_result", "${outcome.result.parentFile.name}/${outcome.result.name}")
        putString("handset_sha256", outcome.sha256)
    }

    private fun refuse(why: String) = finish(Activity.RESULT_CANCELED, Bundle().apply { putString("shortMsg", why) })

    private companion object {
        const val JOB = "job"
        const val JOBS = "jobs"
        const val RESULTS = "results"
        const val EXTERNAL = "external"
        const val ALIVE = 2
        const val TAG = "handset"
    }
}
