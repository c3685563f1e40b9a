package app.handset.core

import kotlin.math.abs

/**
 * Which of [size] inputs make each of [outputs] outputs of one pass, and with which weights: Pillow's filters, computed
 * in doubles and rounded to [PRECISION_BITS] bits of fixed point.
 *
 * Output `i` is made of the inputs [first]`[i]` until [end]`[i]`; its weights begin at `i * `[stride]. Both arrays
 * ascend, so that the outputs which an input touches are neighbours too: [firstOutput] until [endOutput].
 */
class Taps private constructor(val size: Int, val outputs: Int, val stride: Int) {
    val first = IntArray(outputs)
    val end = IntArray(outputs)
    val weights = IntArray(outputs * stride)
    val firstOutput = IntArray(size)
    val endOutput = IntArray(size)

    private fun invert(): Taps {
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

    private fun weigh(filter: Filter) {
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
            for (tap in 0 until end[output] - first[output]) {
                raw[tap] = filter.weight(abs((first[output] + tap - center + 0.5) * inverse))
                total += raw[tap]
            }
            for (tap in 0 until end[output] - first[output]) weights[output * stride + tap] = fixed(raw[tap] / total)
        }
    }

    private fun fixed(share: Double): Int = (share * (1 shl PRECISION_BITS) + if (share < 0) -0.5 else 0.5).toInt()

    /** No weights: one input an output, its position summed up and not multiplied. */
    private fun choose() {
        val scale = size.toDouble() / outputs
        var position = scale * 0.5
        for (output in 0 until outputs) {
            first[output] = position.toInt()
            end[output] = first[output] + 1
            weights[output * stride] = 1 shl PRECISION_BITS
            position += scale
        }
    }

    companion object {
        const val PRECISION_BITS = 22

        /** What every sum begins with, so that [rounded] rounds it. */
        const val HALF = 1 shl PRECISION_BITS - 1

        /** A sum of weighted levels as a level. */
        fun rounded(sum: Int): Int = (sum shr PRECISION_BITS).coerceIn(0, 255)

        /** The pass from [size] to [outputs]; the one that changes no size takes every input as it is. */
        fun of(size: Int, outputs: Int, resize: Resize): Taps {
            val filter = if (size == outputs) null else filter(resize)
            if (filter == null) return Taps(size, outputs, 1).apply { choose() }.invert()
            val reach = filter.support * maxOf(size.toDouble() / outputs, 1.0)
            return Taps(size, outputs, 2 * reach.toInt() + MARGIN).apply { weigh(filter) }.invert()
        }

        /** Both ends of a window are rounded. */
        private const val MARGIN = 4

        private fun filter(resize: Resize): Filter? = when (resize) {
            Resize.PILLOW_BILINEAR -> Filter.TRIANGLE
            Resize.PILLOW_BICUBIC -> Filter.CUBIC
            Resize.PILLOW_NEAREST -> null
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
