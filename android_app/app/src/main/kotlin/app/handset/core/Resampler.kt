package app.handset.core

/** Receives a picture row by row: all rows at once, or in strips as they are decoded. */
interface PictureSink {
    /** A picture of [width] × [height] stored pixels follows, to be turned by its EXIF [orientation], 1 to 8. */
    fun begin(width: Int, height: Int, orientation: Int)

    /**
     * [count] whole rows from [firstRow] on. The first pixel of the first one is `pixels[offset]`, of every further one
     * [stride] later. Rows may come in any order, every row once.
     */
    fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int)
}

/**
 * From stored pixels to the levels of a [width] × [height] picture of 1 or 3 [channels]: on white, upright, luma, crop,
 * and Pillow's two passes, horizontal first.
 *
 * Nothing is allocated while pictures keep their size and orientation.
 */
class Resampler(
    private val width: Int,
    private val height: Int,
    private val channels: Int,
    private val resize: Resize,
    private val crop: CenterSquare?
) : PictureSink {
    private var plan: Plan? = null

    override fun begin(width: Int, height: Int, orientation: Int) {
        val fitting = plan?.takeIf { it.geometry.fits(width, height, orientation) }
        if (fitting == null) plan = null // frees its memory before the next one is made
        val current = fitting ?: Plan(Geometry(width, height, orientation, crop))
        current.lineSums.clear()
        plan = current
    }

    override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) {
        val current = begun()
        for (row in 0 until count) {
            val index = current.geometry.indexOf(firstRow + row)
            if (index in 0 until current.geometry.rowCount) current.add(index, pixels, offset + row * stride)
        }
    }

    /** Write the resized picture to [levels]: row by row, the channels of a pixel beside each other. */
    fun finish(levels: ByteArray) = begun().finish(levels)

    private fun begun(): Plan = checkNotNull(plan) { "begin comes first" }

    /** Everything that depends on the picture's size and orientation. */
    private inner class Plan(val geometry: Geometry) {
        private val across = FilterWeights.of(geometry.crop.width, width, resize)
        private val down = FilterWeights.of(geometry.crop.height, height, resize)
        private val line = PixelLine(channels, maxOf(geometry.crop.width, geometry.crop.height))
        private val levels = IntArray(maxOf(geometry.rowLength, width, height) * channels)

        /**
         * The sums of output rows; where stored rows are upright columns, of output columns as long as the crop is
         * high.
         */
        val lineSums =
            if (geometry.turned) LineSums(across, geometry.rowLength * channels) else LineSums(down, width * channels)

        fun add(index: Int, pixels: IntArray, offset: Int) {
            if (!lineSums.needs(index)) return
            val start = offset + geometry.rowStart
            if (geometry.turned) {
                unpack(pixels, start)
            } else {
                line.load(pixels, start, geometry.rowStep, geometry.rowLength)
                line.resample(across, levels, 0, channels)
            }
            lineSums.add(index, levels)
        }

        private fun unpack(pixels: IntArray, start: Int) {
            var from = start
            var to = 0
            repeat(geometry.rowLength) {
                val pixel = onWhite(pixels[from])
                if (channels == 1) {
                    levels[to++] = luma(pixel)
                } else {
                    levels[to++] = red(pixel)
                    levels[to++] = green(pixel)
                    levels[to++] = blue(pixel)
                }
                from += geometry.rowStep
            }
        }

        fun finish(into: ByteArray) {
            val sums = lineSums.sums
            if (!geometry.turned) {
                for (index in sums.indices) into[index] = FilterWeights.rounded(sums[index]).toByte()
                return
            }
            for (index in sums.indices) sums[index] = FilterWeights.rounded(sums[index])
            for (column in 0 until width) {
                line.loadLevels(sums, column * geometry.rowLength * channels, geometry.rowLength)
                line.resample(down, levels, 0, channels)
                place(column, into)
            }
        }

        private fun place(column: Int, into: ByteArray) {
            for (row in 0 until height) {
                for (channel in 0 until channels) {
                    into[(row * width + column) * channels + channel] = levels[row * channels + channel].toByte()
                }
            }
        }
    }
}
