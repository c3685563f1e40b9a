package app.handset.core

/**
 * Resizes across lines that come one by one, in any order: no line is kept, only the weighted sum for each output line.
 *
 * A line is [length] levels. Integers add up to the same sum in any order, so a picture may come in strips, from either
 * end.
 */
class LineSums(private val filter: FilterWeights, private val length: Int) {
    /** The sums, one output line after the other; [FilterWeights.rounded] turns each into a level. */
    val sums = IntArray(filter.outputs * length)

    fun clear() = sums.fill(FilterWeights.HALF)

    /** Add [line], the input line [index], to every output line that it contributes to. */
    fun add(index: Int, line: IntArray) {
        for (output in filter.firstOutput[index] until filter.endOutput[index]) {
            val weight = filter.weights[output * filter.stride + index - filter.first[output]]
            val at = output * length
            for (level in 0 until length) sums[at + level] += weight * line[level]
        }
    }

    /** Whether input line [index] contributes to any output line. */
    fun needs(index: Int): Boolean = filter.firstOutput[index] < filter.endOutput[index]
}
