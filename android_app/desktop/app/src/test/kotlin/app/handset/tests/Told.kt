package app.handset.tests

import android.os.Bundle

/** What an instrumentation tells the system, kept. */
class Told {
    val statuses = ArrayList<Pair<Int, Bundle>>()
    var end: Pair<Int, Bundle>? = null

    fun status(code: Int, results: Bundle) {
        synchronized(statuses) { statuses += code to results }
    }

    /** Those about tests, which JUnit's runner would tell too. */
    val tests get() = statuses.filter { (_, told) -> told.containsKey("test") }
}
