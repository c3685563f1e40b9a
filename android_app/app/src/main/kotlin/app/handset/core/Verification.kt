package app.handset.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import kotlin.math.abs

/** The stages from a picture to an output; a difference at one stage goes on to all later ones. */
enum class Stage(val text: String) {
    DECODE("decode"),
    PREPROCESS("preprocess"),
    OUTPUT("output")
}

/**
 * The first [stage] at which [input] differs from the desktop; for outputs also the largest [difference], as stored.
 */
data class Deviation(val input: String, val stage: Stage, val difference: Double?)

/** How many [inputs] a self-test had, and those that differed. */
data class SelfTestResult(val inputs: Int, val deviations: List<Deviation>)

/** Compares a loaded model with a [SelfTest], stage by stage, using the device's own decoder. */
class Verification(private val engine: Engine, preprocessor: Preprocessor, decoder: PictureDecoder) {
    private val input = directBuffer(engine.input.bytes)
    private val output = directBuffer(engine.output.bytes)
    private var decoded: LevelsDigest? = null
    private val loader = PictureLoader(preprocessor) { data, name, sink ->
        decoder.decode(data, name, LevelsDigest(sink).also { decoded = it })
    }

    /**
     * Run every sample of [test], for the model with the hash [modelSha256]; which of them differ. [progress] is told
     * before each sample how many are done, of how many.
     */
    fun run(test: SelfTest, modelSha256: String, progress: (Int, Int) -> Unit = { _, _ -> }): SelfTestResult {
        val expected = test.expectation(modelSha256)
        if (expected.outputs.size != test.samples.size * engine.output.bytes) {
            throw SelfTestException("the self-test has ${expected.outputs.size} bytes of outputs for ${engine.output}")
        }
        return SelfTestResult(
            test.samples.size,
            test.samples.mapIndexedNotNull { index, sample ->
                progress(index, test.samples.size)
                deviation(sample, index, expected)
            }
        )
    }

    private fun deviation(sample: Sample, index: Int, expected: Expectation): Deviation? {
        decoded = null
        try {
            loader.load(sample.name, sample.data, input, StageTimes())
        } catch (_: InputException) { // a picture that the desktop could decode
            return Deviation(sample.name, Stage.DECODE, null)
        }
        val modelInput = MessageDigest.getInstance("SHA-256").apply { update(input.duplicate().apply { toStart() }) }
        if (decoded?.hex() != sample.decodedSha256) return Deviation(sample.name, Stage.DECODE, null)
        if (modelInput.hex() != expected.inputSha256[index]) return Deviation(sample.name, Stage.PREPROCESS, null)
        engine.run(input, output)
        val largestDifference = largestDifference(expected.outputs, index * engine.output.bytes)
        return if (largestDifference <=
            expected.tolerance
        ) {
            null
        } else {
            Deviation(sample.name, Stage.OUTPUT, largestDifference)
        }
    }

    /** The largest difference between an output and the expected one, as stored; infinity where a value is NaN. */
    private fun largestDifference(expected: ByteArray, from: Int): Double {
        val wanted = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN)
        return (0 until engine.output.count).maxOf {
            val difference = abs(raw(output, 0, it) - raw(wanted, from, it))
            if (difference.isNaN()) Double.POSITIVE_INFINITY else difference
        }
    }

    private fun raw(data: ByteBuffer, from: Int, index: Int): Double = when (engine.output.type) {
        TensorType.FLOAT32 -> data.getFloat(from + index * Float.SIZE_BYTES).toDouble()
        TensorType.UINT8 -> data.get(from + index).toUByte().toDouble()
        TensorType.INT8 -> data.get(from + index).toDouble()
    }
}

/** Passes rows on to [sink] and hashes them: red, green and blue on white, as stored, row by row from the top. */
private class LevelsDigest(private val sink: PictureSink) : PictureSink {
    private val digest = MessageDigest.getInstance("SHA-256")
    private var row = ByteArray(0)

    override fun begin(width: Int, height: Int, orientation: Int) {
        row = ByteArray(width * CHANNELS)
        sink.begin(width, height, orientation)
    }

    override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) {
        for (index in 0 until count) digest(pixels, offset + index * stride)
        sink.rows(pixels, offset, stride, firstRow, count)
    }

    private fun digest(pixels: IntArray, from: Int) {
        var to = 0
        for (at in from until from + row.size / CHANNELS) {
            val pixel = onWhite(pixels[at])
            row[to++] = red(pixel).toByte()
            row[to++] = green(pixel).toByte()
            row[to++] = blue(pixel).toByte()
        }
        digest.update(row)
    }

    fun hex(): String = digest.hex()

    private companion object {
        const val CHANNELS = 3
    }
}

/** The hash of all that was added, in lower-case hex. */
internal fun MessageDigest.hex(): String = digest().joinToString("") { "%02x".format(it) }
