package app.handset.core

/**
 * A row or column of up to [capacity] pixels, of 1 or 3 [channels], stored so that resizing along it is fast.
 *
 * Red and green share a Long, 32 bits each, so that one multiplication weights both. Their sums stay within 32 bits; a
 * negative sum in the lower half borrows exactly 1 from the upper half, which [resample] adds back.
 */
class PixelLine(private val channels: Int, capacity: Int) {
    private val redGreen = LongArray(if (channels == 1) 0 else capacity)
    private val last = IntArray(capacity)

    /**
     * Store [count] of [pixels], composited on white, from [start] on, [step] apart; as luma where there is one
     * channel.
     */
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

    /** Store [count] pixels whose levels are in [levels] from [start] on, the channels of a pixel beside each other. */
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

    /** Resize the line with [filter]: levels go to [out] from [start] on, each pixel [step] after the one before. */
    fun resample(filter: FilterWeights, out: IntArray, start: Int, step: Int) {
        var to = start
        for (output in 0 until filter.outputs) {
            if (channels > 1) {
                val sums = sumRedGreen(filter, output)
                val red = sums.toInt()
                out[to] = FilterWeights.rounded(red)
                out[to + 1] = FilterWeights.rounded((sums - red shr Int.SIZE_BITS).toInt())
            }
            out[to + channels - 1] = FilterWeights.rounded(sumLast(filter, output))
            to += step
        }
    }

    private fun sumRedGreen(filter: FilterWeights, output: Int): Long {
        var sums = HALVES
        var weight = output * filter.stride
        for (input in filter.first[output] until filter.end[output]) sums += filter.weights[weight++] * redGreen[input]
        return sums
    }

    private fun sumLast(filter: FilterWeights, output: Int): Int {
        var sum = FilterWeights.HALF
        var weight = output * filter.stride
        for (input in filter.first[output] until filter.end[output]) sum += filter.weights[weight++] * last[input]
        return sum
    }

    private companion object {
        val HALVES = paired(FilterWeights.HALF, FilterWeights.HALF)

        fun paired(lower: Int, upper: Int): Long = upper.toLong() shl Int.SIZE_BITS or lower.toLong()
    }
}
