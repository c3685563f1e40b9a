package app.handset.core

/**
 * How stored rows of a [width] × [height] picture lie in the upright one, of which [crop] is used.
 *
 * EXIF orientations 5 to 8 turn rows into columns: a stored row then is an upright column.
 */
class Geometry(val width: Int, val height: Int, val orientation: Int, square: CenterSquare?) {
    init {
        require(width > 0 && height > 0 && orientation in Exif.ORIENTATIONS) { "$width x $height, turned $orientation" }
    }

    /** Whether stored rows are upright columns. */
    val turned = orientation in TURNED

    /** The part of the upright picture that is used. */
    val crop =
        if (turned) whole(square, height, width) else whole(square, width, height)

    private val fromRight = orientation in FROM_RIGHT
    private val fromBelow = orientation in FROM_BELOW
    private val along = if (turned) crop.top else crop.left
    private val across = if (turned) crop.left else crop.top

    /** How many pixels of a stored row are used. */
    val rowLength = if (turned) crop.height else crop.width

    /** How many stored rows are used. */
    val rowCount = if (turned) crop.width else crop.height

    /** The stored column of the first used pixel of a row, in upright order. */
    val rowStart = if (fromRight) width - 1 - along else along

    /** The distance from one used pixel of a row to the next. */
    val rowStep = if (fromRight) -1 else 1

    /**
     * The index of the stored [row] among the used rows (or columns) of the upright picture; outside 0 until [rowCount]
     * when it is not used.
     */
    fun indexOf(row: Int): Int = (if (fromBelow) height - 1 - row else row) - across

    /** Whether this geometry is that of a picture of this size and orientation. */
    fun fits(width: Int, height: Int, orientation: Int): Boolean =
        width == this.width && height == this.height && orientation == this.orientation

    private companion object {
        val TURNED = 5..8
        val FROM_RIGHT = setOf(2, 3, 7, 8)
        val FROM_BELOW = setOf(3, 4, 6, 7)

        fun whole(square: CenterSquare?, width: Int, height: Int): Window =
            square?.of(width, height) ?: Window(0, 0, width, height)
    }
}
