package app.handset.core

/**
 * A row or column of up to [capacity] pixels, of 1 or 3 [channels], laid out for the first pass.
 *
 * Red and green share a Long, 32 bits each, so that one multiplication weighs both: their sums stay within 32 bits, and
 * a negative lower one takes exactly one from the upper, which [gather] gives back.
 */
class Line(private val channels: Int, capacity: Int) {
    private val redGreen = LongArray(if (channels == 1) 0 else capacity)
    private val last = IntArray(capacity)

    /** Take [count] pixels, on white, from [start] on, [step] apart; luma where there is one channel. */
    fun load(pixels: IntArray, start: Int, step: Int, count: Int) {
        var at = start
        for (index in 0 until count) {
            val pixel = onWhite(pixels[at])
            if (channels == 1) {
                last[index] = luma(pixel)
            } else {
                redGreen[index] = paired(red(pixel), green(pixel))
                last[index] = blue(pixel)
            }
            at += step
        }
    }

    /** Take [count] pixels whose levels lie in [levels] from [start] on, the channel fastest. */
    fun loadLevels(levels: IntArray, start: Int, count: Int) {
        var at = start
        for (index in 0 until count) {
            if (channels > 1) {
                redGreen[index] = paired(levels[at], levels[at + 1])
                at += 2
            }
            last[index] = levels[at++]
        }
    }

    /** The pass over the line: levels go to [out] from [start] on, each pixel [step] after the one before. */
    fun gather(taps: Taps, out: IntArray, start: Int, step: Int) {
        var to = start
        for (output in 0 until taps.outputs) {
            if (channels > 1) {
                val sums = weighRedGreen(taps, output)
                val red = sums.toInt()
                out[to] = Taps.rounded(red)
                out[to + 1] = Taps.rounded((sums - red shr Int.SIZE_BITS).toInt())
            }
            out[to + channels - 1] = Taps.rounded(weighLast(taps, output))
            to += step
        }
    }

    private fun weighRedGreen(taps: Taps, output: Int): Long {
        var sums = HALVES
        var weight = output * taps.stride
        for (tap in taps.first[output] until taps.end[output]) sums += taps.weights[weight++] * redGreen[tap]
        return sums
    }

    private fun weighLast(taps: Taps, output: Int): Int {
        var sum = Taps.HALF
        var weight = output * taps.stride
        for (tap in taps.first[output] until taps.end[output]) sum += taps.weights[weight++] * last[tap]
        return sum
    }

    private companion object {
        val HALVES = paired(Taps.HALF, Taps.HALF)

        fun paired(lower: Int, upper: Int): Long = upper.toLong() shl Int.SIZE_BITS or lower.toLong()
    }
}
