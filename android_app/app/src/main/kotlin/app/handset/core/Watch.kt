package app.handset.core

/** How far a job is, for whoever looks on from another thread, and their way to end it. */
class Watch {
    /** Inputs or runs that are done; the working thread writes it. */
    @Volatile
    var done = 0

    /** Of how many. */
    @Volatile
    var total = 0
        private set

    @Volatile
    private var isCancelled = false

    /** A job begins, perhaps not the first that is looked at: nothing of [total] is done. */
    fun begin(total: Int) {
        done = 0
        this.total = total
    }

    /** Have the job end before its next step. */
    fun cancel() {
        isCancelled = true
    }

    /** Called before everything that takes time; [CancelledException] when it shall not happen any more. */
    fun step() {
        if (isCancelled) throw CancelledException()
    }
}
