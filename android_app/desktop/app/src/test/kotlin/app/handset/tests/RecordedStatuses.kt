package app.handset.tests

import android.os.Bundle

/** Records what an instrumentation reports to the system. */
class RecordedStatuses {
    val statuses = ArrayList<Pair<Int, Bundle>>()
    var end: Pair<Int, Bundle>? = null

    fun status(code: Int, results: Bundle) {
        synchronized(statuses) { statuses += code to results }
    }

    /** The statuses about tests, which JUnit's runner would report too. */
    val tests get() = statuses.filter { (_, status) -> status.containsKey("test") }
}
