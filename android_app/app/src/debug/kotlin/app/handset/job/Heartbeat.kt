package app.handset.job

import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Reports how far a job is, at once and every [periodMs], from a thread of its own, until it is closed. */
class Heartbeat(progress: JobProgress, periodMs: Long = PERIOD_MS, report: (done: Int, total: Int) -> Unit) :
    AutoCloseable {
    private val timer = Executors.newSingleThreadScheduledExecutor { Thread(it, "heartbeat").apply { isDaemon = true } }

    init {
        timer.scheduleAtFixedRate({ report(progress.done, progress.total) }, 0, periodMs, TimeUnit.MILLISECONDS)
    }

    /** After this returns, nothing is reported any more. */
    override fun close() {
        timer.shutdown()
        timer.awaitTermination(1, TimeUnit.SECONDS)
    }

    private companion object {
        const val PERIOD_MS = 2000L
    }
}
