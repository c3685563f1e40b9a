package app.handset

import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/**
 * Whether the measuring screen is in front: resumed, and with the window focus. The main thread writes it, the thread
 * of the job waits for it.
 *
 * Android gives the process of an instrumentation without a screen in front to other cores (`OomAdjuster`).
 */
class Front {
    private val lock = ReentrantLock()
    private val reached = lock.newCondition()
    private var isResumed = false
    private var hasFocus = false

    val isInFront: Boolean get() = lock.withLock { isResumed && hasFocus }

    /** How often the front was lost since the process began: Home, Power, another app, a system dialog. */
    val losses: Int get() = lock.withLock { lossCount }
    private var lossCount = 0

    fun setResumed(resumed: Boolean) = change { isResumed = resumed }

    fun setFocus(focus: Boolean) = change { hasFocus = focus }

    /** Wait until the screen is in front, at most [patienceMs]; whether it is. */
    fun await(patienceMs: Long): Boolean = lock.withLock {
        var leftNs = TimeUnit.MILLISECONDS.toNanos(patienceMs)
        while (!isInFront && leftNs > 0) leftNs = reached.awaitNanos(leftNs)
        isInFront
    }

    private fun change(set: () -> Unit) = lock.withLock {
        val wasInFront = isInFront
        set()
        if (wasInFront && !isInFront) lossCount++
        if (isInFront) reached.signalAll()
    }
}
