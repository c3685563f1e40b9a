package app.handset.core

import kotlin.math.pow

/**
 * The exponential mean of a model's scores over frames, weighted by time: after [HALF_LIFE_NS] without change a new
 * answer counts for half, however many frames a second the phone manages. For one thread.
 */
class Smoothing {
    private var mean = FloatArray(0)
    private var lastNs = 0L

    /** The mean after [scores], one a label, of a frame at [atNs]; scores of another number of labels begin anew. */
    fun add(scores: FloatArray, atNs: Long): FloatArray {
        val older = if (mean.size == scores.size) 0.5.pow((atNs - lastNs) / HALF_LIFE_NS).toFloat() else 0f
        mean = FloatArray(scores.size) { if (older == 0f) scores[it] else older * mean[it] + (1 - older) * scores[it] }
        lastNs = atNs
        return mean.copyOf()
    }

    companion object {
        /** 0.2 s: two in three of the older frames are forgotten in a third of a second. */
        const val HALF_LIFE_NS = 2e8
    }
}
