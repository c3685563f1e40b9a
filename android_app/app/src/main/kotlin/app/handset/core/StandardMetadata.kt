package app.handset.core

import java.nio.ByteBuffer

/**
 * What a `.tflite` file says of its input in Google's TFLite Support metadata, whoever packed it. The numbers are those
 * of the fields in metadata_schema.fbs of tflite-support 0.4.4 and in schema.fbs of TensorFlow 2.19.
 */
internal class StandardMetadata private constructor(private val model: FlatTable) {
    private val graph = model.tables(MODEL_SUBGRAPHS).first()
    private val described: FlatTable? by lazy {
        blob()?.let { FlatTable.root(it, METADATA)?.tables(METADATA_SUBGRAPHS) }?.firstOrNull()
    }
    private val input get() = graph.tables(TENSORS)[graph.ints(GRAPH_INPUTS).single()]
    private val describedInput get() = described?.tables(INPUTS)?.firstOrNull()

    /** The file that names the outputs, of their axis rather than of their values; null where none is named. */
    val labelFile: String?
        get() {
            val files = described?.tables(OUTPUTS)?.firstOrNull()?.tables(TENSOR_FILES).orEmpty()
            val named = listOf(AXIS_LABELS, VALUE_LABELS).flatMap { type ->
                files.filter { it.byte(FILE_TYPE) == type }
            }
            return named.firstOrNull()?.text(FILE_NAME)
        }

    /** Whether height or width is left open: written as 1, and as -1 in the signature. */
    val isAnySize: Boolean get() = SIDES.any(::isOpen)

    private fun isOpen(axis: Int): Boolean {
        val (shape, signature) = input.ints(SHAPE) to input.ints(SHAPE_SIGNATURE)
        val isPicture = shape.size == IMAGE_AXES && signature.size == IMAGE_AXES
        return isPicture && axis in SIDES && shape[axis] <= 1 && signature[axis] == -1
    }

    /**
     * The input's shape. Sides that it leaves open are those of [named], of the metadata, or [DEFAULT_SIDE], as in
     * metadata/standard_image.py.
     */
    fun pictureShape(named: ImageSpec?): List<Int> {
        val sides = named?.let { listOf(it.height, it.width) } ?: defaultSize() ?: List(2) { DEFAULT_SIDE }
        return input.ints(SHAPE).mapIndexed { axis, size -> if (isOpen(axis)) sides[axis - 1] else size }
    }

    /** Height and width; null where the metadata do not say both. */
    private fun defaultSize(): List<Int>? {
        val content = describedInput?.table(CONTENT)?.takeIf { it.byte(CONTENT_TYPE) == IMAGE }
        val size = content?.table(CONTENT_PROPERTIES)?.table(DEFAULT_SIZE) ?: return null
        return listOf(size.int(SIZE_HEIGHT), size.int(SIZE_WIDTH)).takeIf { it.min() > 0 }
    }

    /**
     * The picture as a whole at the input's size, and the normalisation that the metadata states. 8-bit inputs take
     * pixels as they are: that is what Google's Task Library gives them, and what they are quantised for.
     */
    fun image(): ImageSpec {
        val shape = pictureShape(null)
        val isPicture = shape.size == IMAGE_AXES && shape.first() == 1 && shape.last() in listOf(1, 3)
        if (!isPicture || shape.min() < 1) {
            refuse("the input is ${shape.joinToString("x")}, not one picture", ModelProblem.NO_CLASSIFIER)
        }
        val channels = shape.last()
        val (mean, std) = if (input.byte(TYPE) == FLOAT32) normalization() else rawPixels()
        return ImageSpec(
            height = shape[1],
            width = shape[2],
            channels = channels,
            crop = null,
            resize = Resize.BILINEAR_HALF_PIXEL,
            mean = perChannel(mean, channels),
            std = perChannel(std, channels),
            digit = null
        )
    }

    private fun normalization(): Pair<List<Double>, List<Double>> {
        val units = describedInput?.tables(PROCESS_UNITS).orEmpty()
        val options = units.firstOrNull { it.byte(UNIT_TYPE) == NORMALIZATION }?.table(UNIT_OPTIONS)
            ?: refuse(
                "the model does not say how pixels are normalised; pack it with the mean and std it was trained with",
                ModelProblem.NO_NORMALISATION
            )
        return options.floats(MEAN) to options.floats(STD)
    }

    /** The normalisation whose quantised values are the pixels themselves, from 0 for uint8 and from -128 for int8. */
    private fun rawPixels(): Pair<List<Double>, List<Double>> {
        val stored = input.table(QUANTIZATION)
        val scale = stored?.floats(SCALE)?.singleOrNull()
        val zeroPoint = stored?.longs(ZERO_POINT)?.singleOrNull()
        if (scale == null || zeroPoint == null || !(scale > 0)) {
            throw ModelException("the 8-bit input has no scale and zero point; convert the model again")
        }
        val lowest = if (input.byte(TYPE) == INT8) Byte.MIN_VALUE.toInt() else 0
        return listOf((zeroPoint - lowest).toDouble()) to listOf(1.0 / scale)
    }

    private fun perChannel(values: List<Double>, channels: Int): List<Double> =
        if (values.size == 1) List(channels) { values.single() } else values

    private fun blob(): ByteBuffer? {
        val entry = model.tables(MODEL_METADATA).firstOrNull { it.text(ENTRY_NAME) == METADATA_ENTRY } ?: return null
        return model.tables(MODEL_BUFFERS)[entry.int(ENTRY_BUFFER)].bytes(BUFFER_DATA)
    }

    companion object {
        private const val MODEL = "TFL3"
        private const val METADATA = "M001"
        private const val METADATA_ENTRY = "TFLITE_METADATA"

        // Fields of schema.fbs.
        private const val MODEL_SUBGRAPHS = 2
        private const val MODEL_BUFFERS = 4
        private const val MODEL_METADATA = 6
        private const val TENSORS = 0
        private const val GRAPH_INPUTS = 1
        private const val SHAPE = 0
        private const val TYPE = 1
        private const val QUANTIZATION = 4
        private const val SHAPE_SIGNATURE = 7
        private const val SCALE = 2
        private const val ZERO_POINT = 3
        private const val ENTRY_NAME = 0
        private const val ENTRY_BUFFER = 1
        private const val BUFFER_DATA = 0
        private const val FLOAT32 = 0
        private const val INT8 = 9
        private const val IMAGE_AXES = 4
        private val SIDES = 1..2

        /** Of a picture whose size nothing says: what most image classifiers take. */
        private const val DEFAULT_SIDE = 224

        // Fields of metadata_schema.fbs.
        private const val METADATA_SUBGRAPHS = 3
        private const val INPUTS = 2
        private const val OUTPUTS = 3
        private const val CONTENT = 3
        private const val CONTENT_TYPE = 0
        private const val CONTENT_PROPERTIES = 1
        private const val IMAGE = 2
        private const val DEFAULT_SIZE = 1
        private const val SIZE_WIDTH = 0
        private const val SIZE_HEIGHT = 1
        private const val PROCESS_UNITS = 4
        private const val TENSOR_FILES = 6
        private const val UNIT_TYPE = 0
        private const val UNIT_OPTIONS = 1
        private const val NORMALIZATION = 1
        private const val MEAN = 0
        private const val STD = 1
        private const val FILE_NAME = 0
        private const val FILE_TYPE = 2
        private const val AXIS_LABELS = 2
        private const val VALUE_LABELS = 3

        /** What [model], a whole `.tflite` file, says; [ModelException] where it is damaged or of another kind. */
        @Suppress("TooGenericExceptionCaught") // what a ByteBuffer throws for an offset that leads out of it
        fun <T> read(model: ByteBuffer, use: (StandardMetadata) -> T): T = try {
            val root = FlatTable.root(model, MODEL)
                ?: refuse("this is no .tflite file; take another one", ModelProblem.NO_MODEL_FILE)
            use(StandardMetadata(root))
        } catch (error: IndexOutOfBoundsException) {
            refuse("the model is damaged; copy or convert it again", ModelProblem.DAMAGED, error)
        } catch (error: NoSuchElementException) {
            refuse("the model has no graph with one input; take a classifier", ModelProblem.NO_CLASSIFIER, error)
        } catch (error: IllegalArgumentException) { // more than one input
            refuse("the model has more than one input; take a classifier", ModelProblem.NO_CLASSIFIER, error)
        }

        private fun refuse(message: String, problem: ModelProblem, cause: Throwable? = null): Nothing =
            throw ModelException(message, cause, problem)
    }
}
