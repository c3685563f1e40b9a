package app.handset.core

/** The MNIST layout of a drawn digit, in integers throughout: ink in, a grey picture of [SIDE] × [SIDE] pixels out. */
object DigitPicture {
    const val SIDE = 28

    /**
     * The laid-out picture; [ink] is one byte a pixel, row by row, 0 paper and 255 full ink. Without ink, all is paper.
     */
    fun of(ink: ByteArray, width: Int, height: Int, layout: DigitLayout): IntArray {
        val placed = IntArray(SIDE * SIDE)
        box(ink, width, height)?.let { place(scaled(ink, width, it, layout.box), placed) }
        val paper = if (layout.polarity == Polarity.LIGHT_ON_DARK) 0 else WHITE
        return IntArray(placed.size) { greyPixel(placed[it] xor paper) }
    }

    /** The smallest rectangle around all ink; null without any. */
    private fun box(ink: ByteArray, width: Int, height: Int): Window? {
        val rows = (0 until height).filter { row -> (0 until width).any { ink[row * width + it] != PAPER } }
        val columns = (0 until width).filter { column -> (0 until height).any { ink[it * width + column] != PAPER } }
        if (rows.isEmpty()) return null
        return Window(
            columns.first(),
            rows.first(),
            columns.last() - columns.first() + 1,
            rows.last() - rows.first() + 1
        )
    }

    private fun scaled(ink: ByteArray, width: Int, box: Window, longer: Int): Glyph {
        val glyph = Glyph(sideOf(box.width, box, longer), sideOf(box.height, box, longer))
        val resampler = Resampler(glyph.width, glyph.height, 1, Resize.PILLOW_BILINEAR, null)
        resampler.begin(box.width, box.height, Exif.UPRIGHT)
        val row = IntArray(box.width)
        for (y in 0 until box.height) {
            val start = (box.top + y) * width + box.left
            for (x in row.indices) row[x] = greyPixel(ink[start + x].toInt() and WHITE)
            resampler.rows(row, 0, row.size, y, 1)
        }
        resampler.finish(glyph.levels)
        return glyph
    }

    /**
     * The new length of [side]: [longer] for the longer side; for the other in proportion, rounded half up, at least 1.
     */
    private fun sideOf(side: Int, box: Window, longer: Int): Int {
        val long = maxOf(box.width, box.height)
        return maxOf(1, ((2L * side * longer + long) / (2L * long)).toInt())
    }

    private fun place(glyph: Glyph, placed: IntArray) {
        val left = offset(IntArray(glyph.width) { x -> (0 until glyph.height).sumOf { y -> glyph.at(x, y) } })
        val top = offset(IntArray(glyph.height) { y -> (0 until glyph.width).sumOf { x -> glyph.at(x, y) } })
        for (y in 0 until glyph.height) {
            for (x in 0 until glyph.width) placed[(top + y) * SIDE + left + x] = glyph.at(x, y)
        }
    }

    /**
     * The position of the first row or column, given the ink in each: ceil(13.5 − mean index), as far as all ink fits.
     */
    private fun offset(sums: IntArray): Int {
        val mass = sums.sum()
        if (mass == 0) return 0 // scaling down can lose very sparse ink
        val moment = sums.withIndex().sumOf { (index, value) -> index * value }
        return Math.floorDiv((SIDE + 1) * mass - 2 * moment - 1, 2 * mass).coerceIn(0, SIDE - sums.size)
    }

    private class Glyph(val width: Int, val height: Int) {
        val levels = ByteArray(width * height)

        fun at(x: Int, y: Int): Int = levels[y * width + x].toInt() and WHITE
    }

    private const val PAPER: Byte = 0
    private const val WHITE = 255
}
