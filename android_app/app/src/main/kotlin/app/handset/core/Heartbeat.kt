package app.handset.core

import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Tells how far a job is, at once and every [periodMs], from a thread of its own, until it is closed. */
class Heartbeat(watch: Watch, periodMs: Long = PERIOD_MS, beat: (done: Int, total: Int) -> Unit) : AutoCloseable {
    private val pulse = Executors.newSingleThreadScheduledExecutor { Thread(it, "heartbeat").apply { isDaemon = true } }

    init {
        pulse.scheduleAtFixedRate({ beat(watch.done, watch.total) }, 0, periodMs, TimeUnit.MILLISECONDS)
    }

    /** After this returns, nothing is told any more. */
    override fun close() {
        pulse.shutdown()
        pulse.awaitTermination(1, TimeUnit.SECONDS)
    }

    private companion object {
        const val PERIOD_MS = 2000L
    }
}
