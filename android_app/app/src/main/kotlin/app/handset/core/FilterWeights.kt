package app.handset.core

import kotlin.math.abs

/**
 * One resizing pass from [size] inputs to [outputs] outputs: which inputs each output is a weighted sum of, and the
 * weights. They are Pillow's filters, or two neighbours, computed in doubles and rounded to [PRECISION_BITS] bits of
 * fixed point.
 *
 * Output `i` is the sum over the inputs [first]`[i]` until [end]`[i]`; its weights begin at `i * `[stride]. Both arrays
 * ascend, so the outputs that input `k` contributes to are neighbours too: [firstOutput]`[k]` until [endOutput]`[k]`.
 */
class FilterWeights private constructor(val size: Int, val outputs: Int, val stride: Int) {
    val first = IntArray(outputs)
    val end = IntArray(outputs)
    val weights = IntArray(outputs * stride)
    val firstOutput = IntArray(size)
    val endOutput = IntArray(size)

    private fun withOutputRanges(): FilterWeights {
        var low = 0
        var high = 0
        for (input in 0 until size) {
            while (low < outputs && end[low] <= input) low++
            while (high < outputs && first[high] <= input) high++
            firstOutput[input] = low
            endOutput[input] = high
        }
        return this
    }

    private fun setWeights(filter: Filter) {
        val scale = size.toDouble() / outputs
        val stretch = maxOf(scale, 1.0)
        val radius = filter.support * stretch
        val inverse = 1.0 / stretch
        val raw = DoubleArray(stride)
        for (output in 0 until outputs) {
            val center = (output + 0.5) * scale
            first[output] = maxOf(0, (center - radius + 0.5).toInt())
            end[output] = minOf(size, (center + radius + 0.5).toInt())
            var total = 0.0
            for (offset in 0 until end[output] - first[output]) {
                raw[offset] = filter.weight(abs((first[output] + offset - center + 0.5) * inverse))
                total += raw[offset]
            }
            for (offset in 0 until end[output] - first[output]) {
                weights[output * stride + offset] = fixedPoint(raw[offset] / total)
            }
        }
    }

    private fun fixedPoint(share: Double): Int = (share * (1 shl PRECISION_BITS) + if (share < 0) -0.5 else 0.5).toInt()

    /** One input an output, with weight 1. Its position is added up, not multiplied: Pillow rounds it so. */
    private fun setNearest() {
        val scale = size.toDouble() / outputs
        var position = scale * 0.5
        for (output in 0 until outputs) {
            first[output] = position.toInt()
            end[output] = first[output] + 1
            weights[output * stride] = 1 shl PRECISION_BITS
            position += scale
        }
    }

    /** The two inputs around the centre of each output, however far apart the centres are. */
    private fun setTwoNeighbours() {
        val scale = size.toDouble() / outputs
        for (output in 0 until outputs) {
            val position = ((output + 0.5) * scale - 0.5).coerceIn(0.0, size - 1.0)
            val nearest = position.toInt()
            val share = fixedPoint(position - nearest)
            first[output] = nearest
            end[output] = minOf(size, nearest + 2)
            weights[output * stride] = (1 shl PRECISION_BITS) - share
            if (nearest + 1 < size) weights[output * stride + 1] = share
        }
    }

    companion object {
        const val PRECISION_BITS = 22

        /** Every sum starts with this half of a level, so that [rounded] rounds to the nearest. */
        const val HALF = 1 shl PRECISION_BITS - 1

        /** The level, 0 to 255, of a sum of weighted levels. */
        fun rounded(sum: Int): Int = (sum shr PRECISION_BITS).coerceIn(0, 255)

        /** The pass from [size] to [outputs]; with equal sizes every output is its input. */
        fun of(size: Int, outputs: Int, resize: Resize): FilterWeights {
            val filter = if (size == outputs) null else filter(resize)
            if (size != outputs && resize == Resize.BILINEAR_HALF_PIXEL) {
                return FilterWeights(size, outputs, 2).apply { setTwoNeighbours() }.withOutputRanges()
            }
            if (filter == null) return FilterWeights(size, outputs, 1).apply { setNearest() }.withOutputRanges()
            val reach = filter.support * maxOf(size.toDouble() / outputs, 1.0)
            return FilterWeights(size, outputs, 2 * reach.toInt() + MARGIN).apply {
                setWeights(filter)
            }.withOutputRanges()
        }

        /** Room for the rounding of both ends of the range of inputs. */
        private const val MARGIN = 4

        private fun filter(resize: Resize): Filter? = when (resize) {
            Resize.PILLOW_BILINEAR -> Filter.TRIANGLE
            Resize.PILLOW_BICUBIC -> Filter.CUBIC
            Resize.PILLOW_NEAREST, Resize.BILINEAR_HALF_PIXEL -> null
        }
    }

    /** An even function that is 0 from [support] on. */
    private enum class Filter(val support: Double) {
        TRIANGLE(1.0) {
            override fun weight(x: Double) = if (x < 1.0) 1.0 - x else 0.0
        },
        CUBIC(2.0) {
            override fun weight(x: Double) = when {
                x < 1.0 -> ((A + 2.0) * x - (A + 3.0)) * x * x + 1
                x < 2.0 -> (((x - 5) * x + 8) * x - 4) * A
                else -> 0.0
            }
        };

        abstract fun weight(x: Double): Double

        companion object {
            private const val A = -0.5
        }
    }
}
