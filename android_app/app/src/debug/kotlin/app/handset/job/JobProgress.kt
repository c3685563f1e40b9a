package app.handset.job

import app.handset.core.CancelledException

/** How far a job is, readable from other threads, which may also cancel it. */
class JobProgress {
    /** How many inputs or runs are done; only the job's thread writes it. */
    @Volatile
    var done = 0

    /** How many inputs or runs there are. */
    @Volatile
    var total = 0
        private set

    @Volatile
    var isCancelled = false
        private set

    /**
     * A job begins: none of its [total] inputs or runs is done. One object may serve several jobs, one after the other.
     */
    fun begin(total: Int) {
        done = 0
        this.total = total
    }

    /** End the job before its next input or run. */
    fun cancel() {
        isCancelled = true
    }

    /** To be called before every input or run; [CancelledException] when the job was cancelled. */
    fun checkCancelled() {
        if (isCancelled) throw CancelledException()
    }
}
