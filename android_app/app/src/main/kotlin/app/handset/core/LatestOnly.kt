package app.handset.core

/**
 * Keeps only the newest of what a source gives, for a consumer that may be slower: an older one that was not taken is
 * closed. For one thread.
 */
class LatestOnly<T : AutoCloseable> : AutoCloseable {
    private var newest: T? = null

    /** How many were closed because a newer one came. */
    var dropped = 0L
        private set

    fun offer(item: T) {
        newest?.let {
            it.close()
            dropped++
        }
        newest = item
    }

    /** The newest, which is the caller's to close; null where none came since the last one. */
    fun take(): T? = newest.also { newest = null }

    /** Close what was not taken. */
    override fun close() {
        take()?.close()
    }
}
