package app.handset.core

/** Element types of tensors whose values the interpreter hands out: those of TensorFlow Lite's Java API, but text. */
enum class ElementType(val text: String, val bytes: Int) {
    FLOAT32("float32", Float.SIZE_BYTES),
    UINT8("uint8", Byte.SIZE_BYTES),
    INT8("int8", Byte.SIZE_BYTES),
    INT16("int16", Short.SIZE_BYTES),
    INT32("int32", Int.SIZE_BYTES),
    INT64("int64", Long.SIZE_BYTES),
    BOOL("bool", Byte.SIZE_BYTES)
}

/** A tensor that a model puts out, as the interpreter calls it; [shape] with its batch axis. Null: plain numbers. */
data class OutputTensor(
    val name: String,
    val type: ElementType,
    val shape: List<Int>,
    val quantization: Quantization?
) {
    val bytes: Int = shape.fold(type.bytes, Math::multiplyExact)

    fun toJson(): Map<String, Any?> = mapOf(
        "name" to name,
        "dtype" to type.text,
        "shape" to shape,
        "scale" to quantization?.scale,
        "zero_point" to quantization?.zeroPoint
    )

    companion object {
        private const val REMEDY = "make the probe without it"

        /** The tensor that an interpreter describes so; [ModelException] where its values cannot be had as bytes. */
        fun of(name: String, type: ElementType?, shape: List<Int>, quantization: Quantization): OutputTensor {
            if (type == null) {
                throw ModelException("the output $name is not ${ElementType.entries.joinToString { it.text }}; $REMEDY")
            }
            if (shape.isEmpty() || shape.min() < 1) {
                throw ModelException("the output $name has shape $shape, which is known only when it runs; $REMEDY")
            }
            val isQuantized = quantization.scale > 0 && quantization.scale.isFinite()
            return OutputTensor(name, type, shape, quantization.takeIf { isQuantized })
        }
    }
}
