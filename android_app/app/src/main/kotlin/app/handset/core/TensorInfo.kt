package app.handset.core

/** Element types of a classifier's input and output. */
enum class TensorType(element: ElementType) {
    FLOAT32(ElementType.FLOAT32),
    UINT8(ElementType.UINT8),
    INT8(ElementType.INT8)
    ;

    val text = element.text
    val bytes = element.bytes

    /** What an integer type can hold. */
    val range: IntRange
        get() = if (this == INT8) Byte.MIN_VALUE..Byte.MAX_VALUE else 0..UByte.MAX_VALUE.toInt()
}

/** How an integer tensor stores real numbers: real = (q − [zeroPoint]) · [scale], the file's float32. */
data class Quantization(val scale: Double, val zeroPoint: Int)

/** A tensor without its batch axis: [height, width, channels] or [labels]. No [quantization] for float32. */
data class TensorInfo(val type: TensorType, val shape: List<Int>, val quantization: Quantization?) {
    val count: Int = shape.fold(1, Math::multiplyExact)
    val bytes: Int = Math.multiplyExact(count, type.bytes)

    init {
        val sound = quantization?.let { it.scale > 0 && it.scale.isFinite() && it.zeroPoint in type.range } ?: true
        if (!sound || (type == TensorType.FLOAT32) != (quantization == null)) {
            throw ModelException("a ${type.text} tensor has $quantization; export the model again")
        }
    }

    fun toJson(): Map<String, Any?> = mapOf(
        "dtype" to type.text,
        "shape" to shape,
        "scale" to quantization?.scale,
        "zero_point" to quantization?.zeroPoint
    )

    override fun toString(): String = "${type.text} ${shape.joinToString("x")}"

    companion object {
        private const val REMEDY = "export the model again"
        private const val COLUMN_RANK = 4

        /**
         * The [name] as an interpreter describes it, [shape] with its batch axis. A float needs no [quantization].
         *
         * [ModelException] when it is of no known type, or has not a batch of 1 and [rank] more sizes. Labels may be
         * 1 x 1 x 1 x n too, as Google's Task Library has it.
         */
        fun of(name: String, type: TensorType?, shape: List<Int>, rank: Int, quantization: Quantization): TensorInfo {
            if (type == null) {
                throw ModelException("the $name is not ${TensorType.entries.joinToString { it.text }}; $REMEDY")
            }
            val isColumn = rank == 1 && shape.size == COLUMN_RANK && shape.take(COLUMN_RANK - 1).all { it == 1 }
            val sizes = if (isColumn) shape.takeLast(1) else shape.drop(1)
            if (shape.firstOrNull() != 1 || sizes.size != rank || sizes.any { it < 1 }) {
                val message = "the $name is ${shape.joinToString("x")}, not 1 and $rank more sizes; $REMEDY"
                throw ModelException(message, null, ModelProblem.NO_CLASSIFIER)
            }
            return TensorInfo(type, sizes, quantization.takeIf { type != TensorType.FLOAT32 })
        }
    }
}
