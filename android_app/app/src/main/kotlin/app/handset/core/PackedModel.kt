package app.handset.core

import java.nio.ByteBuffer
import java.util.zip.ZipException

/**
 * What a `.tflite` file says of its own input and labels: in Google's TFLite Support metadata, and more exactly in the
 * kit's `preprocess.json`. Files are appended to the model as a zip.
 */
class PackedModel private constructor(private val model: ByteBuffer, private val files: Map<String, ByteArray>) {
    /** Whether the model says itself how it is cropped and resized; otherwise it is resized as a whole. */
    val hasPreprocessing: Boolean = ImageSpec.FILE in files

    /** How a picture becomes an input; [ModelException] when the model does not say. */
    val image: ImageSpec by lazy {
        files[ImageSpec.FILE]?.let(ImageSpec::read) ?: StandardMetadata.read(model, StandardMetadata::image)
    }

    /** The shape of an input that takes pictures of any size, with the size that is used; null of any other input. */
    val openShape: List<Int>? by lazy {
        StandardMetadata.read(model) { metadata ->
            if (metadata.isAnySize) metadata.pictureShape(image.takeIf { hasPreprocessing }) else null
        }
    }

    /**
     * The labels of the [outputs] outputs; [ModelException] when the model has not exactly one for each.
     *
     * One output is the probability of the second of two labels, see [scores]; where it has one label, the first is the
     * opposite of that.
     */
    fun labels(outputs: Int): List<String> {
        val named = StandardMetadata.read(model, StandardMetadata::labelFile)
        val file = files[named] ?: files[LABELS] ?: refuse("the model carries no labels; $REMEDY")
        val lines = file.decodeToString().split("\n").map { it.removeSuffix("\r") }.dropLastWhile(String::isBlank)
        return when {
            outputs == 1 && lines.size == 1 -> listOf("not ${lines.single()}") + lines
            lines.size == maxOf(outputs, 2) -> lines
            else -> refuse("the model has ${lines.size} labels for $outputs outputs; $REMEDY")
        }
    }

    private fun refuse(message: String): Nothing = throw ModelException(message, null, ModelProblem.NO_LABELS)

    companion object {
        private const val LABELS = "labels.txt"
        private const val REMEDY = "pack it with one label a line"
        private const val COPY_AGAIN = "copy or export it again"
        private const val MAX_FILES = 256
        private const val MAX_FILE_BYTES = 8 shl 20

        /**
         * The files in [model], a whole `.tflite` file; [ModelException] for a damaged archive. A model may have none.
         */
        fun of(model: ByteBuffer): PackedModel {
            val source = BufferSource(model)
            if (!ZipDirectory.isAtEndOf(source)) return PackedModel(model, emptyMap())
            try {
                val entries = ZipDirectory.read(source, MAX_FILES).filter { it.bytes <= MAX_FILE_BYTES }
                return PackedModel(model, entries.associate { it.name to source.content(it, MAX_FILE_BYTES) })
            } catch (error: ZipException) {
                throw ModelException("the model's files cannot be read: ${error.message}; $COPY_AGAIN", error)
            }
        }
    }
}
