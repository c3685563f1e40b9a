package app.handset.core

import java.nio.ByteBuffer

/** A label's index and its score. */
data class RankedLabel(val label: Int, val score: Float)

/** The [count] highest scores, highest first; of equal ones the lower index first. */
fun topK(scores: FloatArray, count: Int): List<RankedLabel> =
    scores.indices.sortedByDescending { scores[it] }.take(count).map { RankedLabel(it, scores[it]) }

/**
 * A model's output as real numbers, one a label. One output p is the probability of the second of two labels: then they
 * are 1 − p and p, as metadata/probabilities.py says, and why.
 */
fun scores(output: ByteBuffer, info: TensorInfo): FloatArray {
    val numbers = FloatArray(info.count) { index ->
        when (val quantization = info.quantization) {
            null -> output.getFloat(index * Float.SIZE_BYTES)
            else -> real(output.get(index), info.type, quantization)
        }
    }
    return numbers.singleOrNull()?.let { floatArrayOf(1 - it, it) } ?: numbers
}

private fun real(stored: Byte, type: TensorType, quantization: Quantization): Float {
    val value = if (type == TensorType.INT8) stored.toInt() else stored.toUByte().toInt()
    return ((value - quantization.zeroPoint) * quantization.scale).toFloat()
}
