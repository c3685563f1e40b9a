package app.handset.core

/**
 * The pass across lines that come one by one, in any order: no line is kept, only the sums of the outputs.
 *
 * A line is [length] levels. Integer sums have no order, which is what lets a picture come in strips, from either end.
 */
class Accumulator(private val taps: Taps, private val length: Int) {
    /** Sums, one output line after the other; [Taps.rounded] makes levels of them. */
    val sums = IntArray(taps.outputs * length)

    fun clear() = sums.fill(Taps.HALF)

    /** Add the line of input [index] to all outputs that it is part of. */
    fun add(index: Int, line: IntArray) {
        for (output in taps.firstOutput[index] until taps.endOutput[index]) {
            val weight = taps.weights[output * taps.stride + index - taps.first[output]]
            val at = output * length
            for (level in 0 until length) sums[at + level] += weight * line[level]
        }
    }

    /** Whether any output is made of input [index]. */
    fun needs(index: Int): Boolean = taps.firstOutput[index] < taps.endOutput[index]
}
