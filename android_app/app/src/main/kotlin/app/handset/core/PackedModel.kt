package app.handset.core

import java.nio.ByteBuffer
import java.util.zip.ZipException

/**
 * The files that are appended to a packed `.tflite` file as a zip: its preprocessing and its labels.
 *
 * Sizes, types and quantisation of its tensors come from the interpreter.
 */
class PackedModel private constructor(private val files: Map<String, ByteArray>) {
    /** How a picture becomes an input; [ModelException] when the model does not say. */
    val image: ImageSpec by lazy { ImageSpec.read(file(ImageSpec.FILE)) }

    /** The labels of the [outputs] outputs; [ModelException] when the model has not exactly one for each. */
    fun labels(outputs: Int): List<String> {
        val lines = file(LABELS).decodeToString().split("\n").map {
            it.removeSuffix("\r")
        }.dropLastWhile(String::isBlank)
        if (lines.size != outputs) {
            throw ModelException("the model has ${lines.size} labels for $outputs outputs; $REMEDY")
        }
        return lines
    }

    private fun file(name: String): ByteArray =
        files[name] ?: throw ModelException("the model carries no $name; $REMEDY")

    companion object {
        const val LABELS = "labels.txt"
        private const val REMEDY = "export the model again"
        private const val MAX_FILES = 256
        private const val MAX_FILE_BYTES = 8 shl 20

        /**
         * The files in [model], a whole `.tflite` file; [ModelException] for a damaged archive. A model may have none.
         */
        fun of(model: ByteBuffer): PackedModel {
            val source = BufferSource(model)
            if (!ZipDirectory.isAtEndOf(source)) return PackedModel(emptyMap())
            try {
                val wanted = setOf(LABELS, ImageSpec.FILE)
                val entries = ZipDirectory.read(source, MAX_FILES).filter { it.name in wanted }
                return PackedModel(entries.associate { it.name to source.content(it, MAX_FILE_BYTES) })
            } catch (error: ZipException) {
                throw ModelException("the model's files cannot be read: ${error.message}; $REMEDY", error)
            }
        }
    }
}
