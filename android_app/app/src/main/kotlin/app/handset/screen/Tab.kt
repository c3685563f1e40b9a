package app.handset.screen

import android.os.Bundle
import android.view.View

/** One of the app's screens, alive as long as its activity. */
interface Tab {
    val view: View

    /** It can be seen now. */
    fun show() {}

    /** It cannot be seen any more; nothing of it may go on. */
    fun hide() {}

    /** Put down what must survive the end of the activity; the constructor takes it up again. */
    fun save(state: Bundle) {}
}
