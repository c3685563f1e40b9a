package app.handset

import android.app.Activity
import android.os.Build
import android.os.Bundle
import android.view.Gravity
import android.view.WindowManager
import android.widget.TextView

/**
 * In front while a job runs, so that the phone neither sleeps nor moves the app to its small cores.
 *
 * It keeps the screen on and is shown above a lock screen. Closing it cancels the job.
 */
class MeasuringActivity : Activity() {
    /** Where this screen says whether it is in front; the instrumentation sets it before [onCreate]. */
    internal var front = Front()

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.O_MR1) showAboveLockScreen()
        setContentView(
            TextView(this, null, 0, R.style.Text_Heading).apply {
                gravity = Gravity.CENTER
                setText(R.string.benchmark_running)
            }
        )
    }

    /** Newer phones read showWhenLocked and turnScreenOn in the manifest. */
    @Suppress("DEPRECATION")
    private fun showAboveLockScreen() = window.addFlags(
        WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED or WindowManager.LayoutParams.FLAG_TURN_SCREEN_ON
    )

    override fun onResume() {
        super.onResume()
        front.setResumed(true)
    }

    /** Unfolding the phone makes this screen anew, which is still in front. */
    override fun onPause() {
        if (!isChangingConfigurations) front.setResumed(false)
        super.onPause()
    }

    override fun onWindowFocusChanged(hasFocus: Boolean) {
        super.onWindowFocusChanged(hasFocus)
        if (!isChangingConfigurations) front.setFocus(hasFocus)
    }
}
