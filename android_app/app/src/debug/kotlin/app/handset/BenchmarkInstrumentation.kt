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
 * Runs one job: `am instrument -w -r -e job FOLDER app.handset/.BenchmarkInstrumentation`.
 *
 * It speaks as JUnit's runner does, so that device farms list the job as a test. What counts is the result file, which
 * is reported with its sha256 as an instrumentation result.
 */
open class BenchmarkInstrumentation : Instrumentation() {
    private val watch = Watch()
    private var folder: String? = null

    override fun onCreate(arguments: Bundle?) {
        super.onCreate(arguments)
        folder = arguments?.getString(JOB)
        start()
    }

    override fun onStart() {
        super.onStart()
        val named = folder ?: return refuse("no job is named; give its folder with -e $JOB")
        val measuring = Intent(targetContext, MeasuringActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        targetContext.startActivity(measuring)
        val told = ToldTest(this, File(named).name).apply { begun() }
        val finished = try {
            measure(File(named))
        } catch (error: IOException) { // no result can be written
            return refuse("no result can be written: ${error.message}; make room on the phone")
        }
        told.ended(finished.failure?.let { "${it.kind.text}: ${it.message}" })
        finish(Activity.RESULT_OK, report(finished))
    }

    private fun measure(job: File): Finished {
        val interpreter = (targetContext.applicationContext as HandsetApplication).interpreter
        val runner = JobRunner(interpreter, BitmapDecoder(), PhoneHost(targetContext, interpreter))
        return Heartbeat(watch) { done, total -> sendStatus(ALIVE, progress(done, total)) }.use {
            runner.run(job, targetContext.filesDir, watch)
        }
    }

    /** Whoever closes the activity wants the phone back. */
    override fun callActivityOnDestroy(activity: Activity) {
        if (activity is MeasuringActivity) watch.cancel()
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
        const val ALIVE = 2
    }
}
