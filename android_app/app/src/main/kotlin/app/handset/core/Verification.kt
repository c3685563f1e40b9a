package app.handset.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import kotlin.math.abs

/** The way from a picture to an answer; what differs at one stage differs at all that follow. */
enum class Stage(val text: String) {
    DECODE("decode"),
    PREPROCESS("preprocess"),
    OUTPUT("output")
}

/** The first [stage] at which [input] gave something else than on the desktop; by how much outputs differ, raw. */
data class Deviation(val input: String, val stage: Stage, val difference: Double?)

/** How a self-test of so many [inputs] ended. */
data class Verdicts(val inputs: Int, val deviations: List<Deviation>)

/** Has a loaded model prove itself against a [SelfTest], stage by stage, with the device's own [decoder]. */
class Verification(private val engine: Engine, preprocessor: Preprocessor, decoder: PictureDecoder) {
    private val input = directBuffer(engine.input.bytes)
    private val output = directBuffer(engine.output.bytes)
    private var decoded: LevelsDigest? = null
    private val feeder = PictureFeeder(preprocessor) { data, name, sink ->
        decoder.decode(data, name, LevelsDigest(sink).also { decoded = it })
    }

    /** Every sample of [test], for the model with the hash [modelSha256]. */
    fun of(test: SelfTest, modelSha256: String): Verdicts {
        val expected = test.expectation(modelSha256)
        if (expected.outputs.size != test.samples.size * engine.output.bytes) {
            throw SelfTestException("the self-test has ${expected.outputs.size} bytes of outputs for ${engine.output}")
        }
        return Verdicts(
            test.samples.size,
            test.samples.mapIndexedNotNull { index, sample -> deviation(sample, index, expected) }
        )
    }

    private fun deviation(sample: Sample, index: Int, expected: Expectation): Deviation? {
        decoded = null
        try {
            feeder.feed(sample.name, sample.data, input, StageTimes())
        } catch (_: InputException) { // a picture that the desktop could decode
            return Deviation(sample.name, Stage.DECODE, null)
        }
        val fed = MessageDigest.getInstance("SHA-256").apply { update(input.duplicate().apply { toStart() }) }
        if (decoded?.hex() != sample.decodedSha256) return Deviation(sample.name, Stage.DECODE, null)
        if (fed.hex() != expected.fedSha256[index]) return Deviation(sample.name, Stage.PREPROCESS, null)
        engine.run(input, output)
        val furthest = furthest(expected.outputs, index * engine.output.bytes)
        return if (furthest <= expected.tolerance) null else Deviation(sample.name, Stage.OUTPUT, furthest)
    }

    /** How far an output is from the expected one, in its own unit; a NaN is further than anything. */
    private fun furthest(expected: ByteArray, from: Int): Double {
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

/** Hands rows on and digests them: red, green and blue on white, as stored, row by row from the top. */
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
