package app.handset.core

import java.nio.ByteBuffer

/** A label's index and its score. */
data class Ranked(val label: Int, val score: Float)

/** The [count] highest scores, highest first; of equal ones the lower index first. */
fun topK(scores: FloatArray, count: Int): List<Ranked> = scores.indices.sortedWith(
    compareByDescending<Int> {
        scores[it]
    }.thenBy { it }
).take(count).map { Ranked(it, scores[it]) }

/** What came out of a model, as real numbers, one a label. */
fun scores(output: ByteBuffer, info: TensorInfo): FloatArray = FloatArray(info.count) { index ->
    when (val quantization = info.quantization) {
        null -> output.getFloat(index * Float.SIZE_BYTES)
        else -> real(output.get(index), info.type, quantization)
    }
}

private fun real(stored: Byte, type: TensorType, quantization: Quantization): Float {
    val value = if (type == TensorType.INT8) stored.toInt() else stored.toUByte().toInt()
    return ((value - quantization.zeroPoint) * quantization.scale).toFloat()
}
