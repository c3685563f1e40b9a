package app.handset.core

import java.nio.ByteBuffer
import kotlin.math.floor

/**
 * Normalises and quantises with 256 entries a channel, because a level is one of 256 values.
 *
 * [ModelException] when [spec] is for another input than [input], or leaves what float32 can hold.
 */
class PixelTable(spec: ImageSpec, private val input: TensorInfo) {
    private val channels = spec.channels
    private val floats: FloatArray?
    private val bytes: ByteArray?

    init {
        val shape = listOf(spec.height, spec.width, spec.channels)
        if (shape != input.shape) {
            throw ModelException(
                "${ImageSpec.FILE} is for ${shape.joinToString("x")}, the input is $input; export the model again"
            )
        }
        val reals = DoubleArray(channels * LEVELS) {
            val channel = it / LEVELS
            (it % LEVELS - spec.mean[channel]) / spec.std[channel]
        }
        if (!reals.all { it.toFloat().isFinite() }) {
            throw ModelException("mean ${spec.mean} and std ${spec.std} overflow float32; give them on pixels 0..255")
        }
        val quantization = input.quantization
        floats = if (quantization == null) FloatArray(reals.size) { reals[it].toFloat() } else null
        bytes = quantization?.let { with -> ByteArray(reals.size) { quantized(reals[it], with) } }
    }

    private fun quantized(real: Double, quantization: Quantization): Byte {
        val limits = input.type.range
        val rounded = floor(real / quantization.scale + quantization.zeroPoint + 0.5)
        return rounded.coerceIn(limits.first.toDouble(), limits.last.toDouble()).toInt().toByte()
    }

    /** Write the input for [levels] at the start of [out], whose order is that of the interpreter. */
    fun apply(levels: ByteArray, out: ByteBuffer) {
        if (floats != null) applyFloats(floats, levels, out)
        if (bytes != null) applyBytes(bytes, levels, out)
    }

    private fun applyFloats(table: FloatArray, levels: ByteArray, out: ByteBuffer) {
        var row = 0
        for (index in 0 until input.count) {
            out.putFloat(index * Float.SIZE_BYTES, table[row + (levels[index].toInt() and LEVELS - 1)])
            row = next(row)
        }
    }

    private fun applyBytes(table: ByteArray, levels: ByteArray, out: ByteBuffer) {
        var row = 0
        for (index in 0 until input.count) {
            out.put(index, table[row + (levels[index].toInt() and LEVELS - 1)])
            row = next(row)
        }
    }

    private fun next(row: Int): Int = if (row + LEVELS == channels * LEVELS) 0 else row + LEVELS

    private companion object {
        const val LEVELS = 256
    }
}
