package app.handset

import android.app.Activity
import android.os.Bundle
import android.view.Gravity
import android.view.WindowManager
import android.widget.TextView

/**
 * In the foreground while a job runs, so that the phone neither sleeps nor moves the app to its small cores.
 *
 * Closing it cancels the job.
 */
class MeasuringActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        setContentView(
            TextView(this, null, 0, R.style.Text_Heading).apply {
                gravity = Gravity.CENTER
                setText(R.string.benchmark_running)
            }
        )
    }
}
