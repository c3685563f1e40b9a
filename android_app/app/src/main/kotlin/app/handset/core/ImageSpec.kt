package app.handset.core

/**
 * Pillow's filters, and the bilinear one of Google's Task Library: two neighbours of half-pixel centres, without
 * antialiasing. Always the horizontal pass first and the vertical pass second.
 */
enum class Resize(val text: String) {
    PILLOW_BILINEAR("pillow_bilinear"),
    PILLOW_BICUBIC("pillow_bicubic"),
    PILLOW_NEAREST("pillow_nearest"),
    BILINEAR_HALF_PIXEL("bilinear_half_pixel")
}

/** Which side of a digit's picture is bright. */
enum class Polarity(val text: String) {
    LIGHT_ON_DARK("light_on_dark"),
    DARK_ON_LIGHT("dark_on_light")
}

/** A rectangle of pixels. */
data class Window(val left: Int, val top: Int, val width: Int, val height: Int)

/** The central square whose side is [num]/[den] of a picture's shorter side. */
data class CenterSquare(val num: Int, val den: Int) {
    init {
        if (num !in 1..den) throw ModelException("crop fraction $num/$den is not in (0, 1]; give 0 < num <= den")
    }

    /** The square of a [width] × [height] picture. */
    fun of(width: Int, height: Int): Window {
        val side = maxOf(1, (minOf(width, height).toLong() * num / den).toInt())
        return Window((width - side) / 2, (height - side) / 2, side, side)
    }
}

/** How a drawing is laid out: scaled into [box] pixels, centred in 28 × 28 by its centre of mass. */
data class DigitLayout(val polarity: Polarity, val box: Int)

/** How a decoded picture becomes the model input, as data: `preprocess.json`, `handset.preprocess/1`. */
data class ImageSpec(
    val height: Int,
    val width: Int,
    val channels: Int,
    val crop: CenterSquare?,
    val resize: Resize,
    val mean: List<Double>,
    val std: List<Double>,
    val digit: DigitLayout?
) {
    init {
        for (values in listOf(mean, std)) {
            if (values.size != channels || !values.all(Double::isFinite)) {
                throw ModelException("$FILE: mean $mean and std $std are not one number a channel; $REMEDY")
            }
        }
        if (!std.all { it > 0 }) throw ModelException("$FILE: std $std is not positive; $REMEDY")
    }

    companion object {
        const val FILE = "preprocess.json"
        private const val FORMAT = "handset.preprocess/1"
        private const val REMEDY = "export the model again"
        private const val MAX_SIDE = 1 shl 16

        /** The spec that [data] is the JSON of; [ModelException] when it is of another format or cannot be right. */
        fun read(data: ByteArray): ImageSpec = of(JsonFields.read(data, FILE, REMEDY, ::ModelException))

        private fun of(fields: JsonFields): ImageSpec {
            fields.format(FORMAT)
            return ImageSpec(
                height = fields.int("height", 1..MAX_SIDE),
                width = fields.int("width", 1..MAX_SIDE),
                channels = fields.choice("channels", listOf(1L, 3L)).toInt(),
                crop = crop(fields.child("crop")),
                resize = fields.choice("resize", Resize.entries) { it.text },
                mean = fields.numbers("mean"),
                std = fields.numbers("std"),
                digit = if (fields.has("digit")) fields.optional("digit") { digit(fields.child(it)) } else null
            )
        }

        private fun crop(fields: JsonFields): CenterSquare? =
            when (fields.choice("kind", listOf("none", "center_square"))) {
                "none" -> null
                else -> CenterSquare(fields.int("num", 1..Int.MAX_VALUE), fields.int("den", 1..Int.MAX_VALUE))
            }

        private fun digit(fields: JsonFields): DigitLayout {
            fields.choice("center", listOf("mass"))
            return DigitLayout(
                fields.choice("polarity", Polarity.entries) { it.text },
                fields.int("box", 1..DigitPicture.SIDE)
            )
        }
    }
}
