package app.handset.core

import java.util.zip.ZipException

/** An input of a self-test; [decodedSha256] is null for raw levels, which need no decoding. */
class Sample(val name: String, val data: ByteArray, val decodedSha256: String?)

/**
 * What the desktop computed with one model: a hash of each model input, and all [outputs], as stored, little-endian.
 */
class Expectation(val inputSha256: List<String>, val outputs: ByteArray, val tolerance: Double)

/** `handset.selftest/1`: a few inputs, and what the desktop computed from them with each variant of a recipe. */
class SelfTest private constructor(val samples: List<Sample>, private val expectations: Map<String, Expectation>) {
    /** What is expected of the model with this hash; [SelfTestException] when nothing is. */
    fun expectation(modelSha256: String): Expectation = expectations[modelSha256]
        ?: throw SelfTestException("the self-test is not for the model ${modelSha256.take(SHOWN)}…; $REMEDY")

    companion object {
        private const val FORMAT = "handset.selftest/1"
        private const val INDEX = "selftest.json"
        private const val REMEDY = "run `make export` and install the app again"
        private const val MAX_FILES = 256
        private const val MAX_FILE_BYTES = 8 shl 20
        private const val SHOWN = 8

        /** What the zip in [source] holds; [SelfTestException] for anything else. */
        fun read(source: ByteSource): SelfTest {
            val files =
                try {
                    ZipDirectory.read(source, MAX_FILES).associate { it.name to source.content(it, MAX_FILE_BYTES) }
                } catch (error: ZipException) {
                    throw SelfTestException("the self-test cannot be read: ${error.message}; $REMEDY", error)
                }
            val fields = JsonFields.read(file(files, INDEX), INDEX, REMEDY, ::SelfTestException)
            fields.format(FORMAT)
            val samples = fields.children("inputs").map { sample(it, files) }
            val models = fields.children("models")
            return SelfTest(samples, models.associate { it.sha256("sha256") to expectation(it, samples.size, files) })
        }

        private fun file(files: Map<String, ByteArray>, name: String): ByteArray =
            files[name] ?: throw SelfTestException("the self-test has no $name; $REMEDY")

        private fun sample(fields: JsonFields, files: Map<String, ByteArray>): Sample {
            val name = fields.text("name")
            return Sample(name, file(files, name), fields.optional("decoded_sha256", fields::sha256))
        }

        private fun expectation(fields: JsonFields, inputs: Int, files: Map<String, ByteArray>): Expectation {
            val hashes = fields.list("fed_sha256").map {
                it as? String
                    ?: fields.refuse("fed_sha256", "a list of hashes")
            }
            if (hashes.size != inputs) fields.refuse("fed_sha256", "a list of $inputs hashes")
            val outputs = file(files, fields.text("outputs"))
            return Expectation(hashes, outputs, fields.number("tolerance", 0.0..Double.MAX_VALUE))
        }
    }
}
