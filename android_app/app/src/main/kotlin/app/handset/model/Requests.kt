package app.handset.model

import java.util.concurrent.atomic.AtomicInteger

/** One of several requests for the same place on the screen. */
fun interface Request {
    /** False once a newer one was made: its work need not begin any more, and its result is not shown. */
    fun isWanted(): Boolean
}

/** The requests for one place on the screen, of which only the newest is wanted. */
class Requests {
    private val newest = AtomicInteger()

    /** A new request; those before it are no longer wanted. */
    fun next(): Request {
        val number = newest.incrementAndGet()
        return Request { number == newest.get() }
    }
}
