package app.handset.core

import app.handset.job.JsonWriter
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** One case of tests/golden/preprocess/cases.json. */
class PreprocessCase(private val record: Map<String, Any?>) {
    val name = record.field<String>("name")
    val width = record.int("width")
    val height = record.int("height")
    val orientation = record.int("orientation")
    val isDrawing = record["ink"] != null
    val picture = file("picture")
    val maxLevelDifference = (record["max_level_difference"] as Long?)?.toInt()
    val spec = ImageSpec.read(JsonWriter.write(objectOf(record["spec"])))
    val tensor: ByteArray by lazy { checkNotNull(file("tensor")).readBytes() }
    private val quantization = record["quantization"]?.let(::objectOf)

    val input = TensorInfo(
        quantization?.let { stored -> TensorType.entries.first { it.text == stored["dtype"] } } ?: TensorType.FLOAT32,
        listOf(spec.height, spec.width, spec.channels),
        quantization?.let { Quantization(it.field<Number>("scale").toDouble(), it.int("zero_point")) }
    )

    /** Stored pixels as a decoder yields them. */
    fun pixels(): IntArray {
        val data = checkNotNull(file("pixels")).readBytes()
        val stored = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer()
        return IntArray(stored.remaining()).also(stored::get)
    }

    fun ink(): ByteArray = checkNotNull(file("ink")).readBytes()

    /** The model input that a new preprocessor writes when [load] is called on it. */
    fun modelInput(load: Preprocessor.(ByteBuffer) -> Unit): ByteArray {
        val out = ByteBuffer.allocate(input.bytes).order(ByteOrder.LITTLE_ENDIAN)
        Preprocessor(spec, input).load(out)
        return out.array()
    }

    private fun file(name: String): File? = (record[name] as String?)?.let(FOLDER::resolve)

    companion object {
        private val FOLDER = Golden.folder.resolve("preprocess")

        fun all(): List<PreprocessCase> =
            Golden.json(FOLDER.resolve("cases.json")).field<List<*>>("cases").map { PreprocessCase(objectOf(it)) }
    }
}
