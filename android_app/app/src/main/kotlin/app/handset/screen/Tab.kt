package app.handset.screen

import android.os.Bundle
import android.view.View

/** One of the app's screens, alive as long as its activity. */
interface Tab {
    val view: View

    /** Called when it becomes visible. */
    fun show() {}

    /** Called when it is no longer visible; all its work must stop. */
    fun hide() {}

    /** Save what must survive the end of the activity; the constructor restores it. */
    fun save(state: Bundle) {}
}
