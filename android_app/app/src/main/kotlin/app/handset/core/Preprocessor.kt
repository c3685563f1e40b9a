package app.handset.core

import java.nio.ByteBuffer

/**
 * An [ImageSpec] carried out for one model input: pictures in, whole or in strips, input tensors out.
 *
 * Every byte of the result is specified, beside the golden cases. For one thread at a time; frame after frame of one
 * size allocates nothing.
 */
class Preprocessor private constructor(
    private val spec: ImageSpec,
    private val input: TensorInfo,
    private val resampler: Resampler
) : PictureSink by resampler {
    constructor(spec: ImageSpec, input: TensorInfo) :
        this(spec, input, Resampler(spec.width, spec.height, spec.channels, spec.resize, spec.crop))

    private val table = PixelTable(spec, input)

    /** What the model saw last, before the table: row by row, the channel fastest. */
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
        val style = spec.digit ?: throw ModelException("${ImageSpec.FILE} has no digit; draw for a model that has")
        picture(DigitLayout.of(ink, width, height, style), DigitLayout.SIDE, DigitLayout.SIDE, Exif.UPRIGHT, out)
    }

    /** Bare levels of the model's own size, for which only the table is left to do. */
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
