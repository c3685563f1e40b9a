package app.handset

import android.app.Activity
import android.app.Instrumentation
import android.content.Intent
import android.os.Bundle
import app.handset.core.Finished
import app.handset.core.Heartbeat
import app.handset.core.JobRunner
import app.handset.core.Watch
import app.handset.picture.BitmapDecoder
import java.io.File
import java.io.IOException

/**
 * Runs one job: `am instrument -w -r -e job FOLDER app.handset/.BenchmarkInstrumentation`; or, for device farms, which
 * start it once and see no app's own folder, every job below a folder: `-e jobs FOLDER -e results external`.
 *
 * It speaks as JUnit's runner does, so that a farm lists each job as a test. What counts is the result file; the last
 * one is reported with its sha256 as an instrumentation result.
 */
open class BenchmarkInstrumentation : Instrumentation() {
    private val watch = Watch()
    private var given = Bundle.EMPTY

    override fun onCreate(arguments: Bundle?) {
        super.onCreate(arguments)
        given = arguments ?: Bundle.EMPTY
        start()
    }

    override fun onStart() {
        super.onStart()
        val jobs = jobs()
        if (jobs.isEmpty()) return refuse("no job is there; give its folder with -e $JOB, or that above with -e $JOBS")
        val out = results() ?: return refuse("there is no shared storage now; leave out -e $RESULTS")
        val measuring = Intent(targetContext, MeasuringActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        targetContext.startActivity(measuring)
        val finished = try {
            jobs.mapIndexed { index, job ->
                val told = ToldTest(this, job.name, index + 1, jobs.size).apply { begun() }
                measure(job, out).also { told.ended(it.failure?.run { "${kind.text}: $message" }) }
            }
        } catch (error: IOException) { // no result can be written
            return refuse("no result can be written: ${error.message}; make room on the phone")
        }
        finish(Activity.RESULT_OK, report(finished.last()))
    }

    private fun jobs(): List<File> = given.getString(JOB)?.let { listOf(File(it)) }
        ?: given.getString(JOBS)?.let { File(it).listFiles(File::isDirectory)?.sorted() }.orEmpty()

    /** The folder that only the app and `run-as` open; with `-e results external` the one on the shared storage. */
    private fun results(): File? =
        if (given.getString(RESULTS) == EXTERNAL) targetContext.getExternalFilesDir(null) else targetContext.filesDir

    private fun measure(job: File, out: File): Finished {
        val interpreter = (targetContext.applicationContext as HandsetApplication).interpreter
        val runner = JobRunner(interpreter, BitmapDecoder(), PhoneHost(targetContext, interpreter))
        return Heartbeat(watch) { done, total -> sendStatus(ALIVE, progress(done, total)) }.use {
            runner.run(job, out, watch)
        }
    }

    /** Whoever closes the activity wants the phone back; a phone that is unfolded only has it made anew. */
    override fun callActivityOnDestroy(activity: Activity) {
        if (activity is MeasuringActivity && !activity.isChangingConfigurations) watch.cancel()
        super.callActivityOnDestroy(activity)
    }

    private fun progress(done: Int, total: Int) = Bundle().apply {
        putInt("done", done)
        putInt("total", total)
    }

    private fun report(finished: Finished) = Bundle().apply {
        putString("handset_job", finished.id)
        // As `run-as` sees it, which begins in the folder above.
        putString("handset_result", "${finished.result.parentFile.name}/${finished.result.name}")
        putString("handset_sha256", finished.sha256)
    }

    private fun refuse(why: String) = finish(Activity.RESULT_CANCELED, Bundle().apply { putString("shortMsg", why) })

    private companion object {
        const val JOB = "job"
        const val JOBS = "jobs"
        const val RESULTS = "results"
        const val EXTERNAL = "external"
        const val ALIVE = 2
    }
}
