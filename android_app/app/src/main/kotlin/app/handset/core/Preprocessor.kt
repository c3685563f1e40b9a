package app.handset.core

import java.nio.ByteBuffer

/**
 * Applies an [ImageSpec] for one model: takes pictures, whole or in strips, and writes input tensors.
 *
 * Every byte of the result is specified, see `tests/golden/preprocess`. For one thread at a time; frames of the same
 * size allocate nothing.
 */
class Preprocessor private constructor(
    private val spec: ImageSpec,
    private val input: TensorInfo,
    private val resampler: Resampler
) : PictureSink by resampler {
    constructor(spec: ImageSpec, input: TensorInfo) :
        this(spec, input, Resampler(spec.width, spec.height, spec.channels, spec.resize, spec.crop))

    private val table = PixelTable(spec, input)

    /** The last picture as levels, before normalisation: row by row, the channels of a pixel beside each other. */
    val levels = ByteArray(input.count)

    /** After the last row of a picture: write the input at the start of [out]. */
    fun finish(out: ByteBuffer) {
        resampler.finish(levels)
        table.apply(levels, out)
    }

    /** A whole picture of [width] × [height] stored pixels, row by row. */
    fun picture(pixels: IntArray, width: Int, height: Int, orientation: Int, out: ByteBuffer) {
        begin(width, height, orientation)
        rows(pixels, 0, width, 0, height)
        finish(out)
    }

    /** A drawing: one byte a pixel, 0 paper and 255 full ink, laid out as the model's digits are. */
    fun drawing(ink: ByteArray, width: Int, height: Int, out: ByteBuffer) {
        val layout = spec.digit ?: throw ModelException("${ImageSpec.FILE} has no digit; draw for a model that has")
        picture(DigitPicture.of(ink, width, height, layout), DigitPicture.SIDE, DigitPicture.SIDE, Exif.UPRIGHT, out)
    }

    /** Levels of the model's own size, which need only the table. */
    fun raw(data: ByteArray, name: String, out: ByteBuffer) {
        if (data.size != levels.size) {
            throw InputException(
                "$name has ${data.size} bytes, the input $input takes ${levels.size}; make it for this model"
            )
        }
        data.copyInto(levels)
        table.apply(levels, out)
    }
}
