package app.handset.view

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Matrix
import android.graphics.Paint
import android.graphics.Path

/**
 * Strokes on a square of side 1: independent of the screen's size, and kept when it is turned.
 *
 * A stroke is x, y, x, y, …
 */
class Drawing {
    private val finished = ArrayList<FloatArray>()
    private val current = ArrayList<Float>()

    val isEmpty: Boolean get() = strokeCount == 0
    val strokeCount: Int get() = finished.size + if (current.isEmpty()) 0 else 1

    fun add(x: Float, y: Float) {
        current += x
        current += y
    }

    fun endStroke() {
        if (current.isNotEmpty()) finished += current.toFloatArray()
        current.clear()
    }

    fun undo() {
        if (current.isNotEmpty()) current.clear() else finished.removeLastOrNull()
    }

    fun clear() {
        finished.clear()
        current.clear()
    }

    fun strokes(): List<FloatArray> = finished + listOf(current.toFloatArray()).filter { it.isNotEmpty() }

    fun restore(strokes: List<FloatArray>) {
        clear()
        finished += strokes
    }

    /** Draw on a canvas of [side] pixels. */
    fun draw(canvas: Canvas, side: Float, paint: Paint) {
        val scale = Matrix().apply { setScale(side, side) }
        paint.strokeWidth = side * STROKE
        for (stroke in strokes()) canvas.drawPath(smooth(stroke).apply { transform(scale) }, paint)
    }

    /**
     * A square of [RASTER] pixels, one byte a pixel, row by row, 0 paper and 255 full ink, whatever the screen's size.
     */
    fun ink(): ByteArray {
        val bitmap = Bitmap.createBitmap(RASTER, RASTER, Bitmap.Config.ARGB_8888)
        draw(Canvas(bitmap), RASTER.toFloat(), pen(Color.BLACK))
        val pixels = IntArray(RASTER * RASTER)
        bitmap.getPixels(pixels, 0, RASTER, 0, 0, RASTER, RASTER)
        bitmap.recycle()
        return ByteArray(pixels.size) { Color.alpha(pixels[it]).toByte() }
    }

    companion object {
        const val RASTER = 280
        private const val STROKE = 0.085f

        fun pen(color: Int): Paint = Paint(Paint.ANTI_ALIAS_FLAG).apply {
            this.color = color
            style = Paint.Style.STROKE
            strokeCap = Paint.Cap.ROUND
            strokeJoin = Paint.Join.ROUND
        }

        /** Curves through the middles between points, so that there are no corners at the sampled points. */
        private fun smooth(stroke: FloatArray): Path = Path().apply {
            moveTo(stroke[0], stroke[1])
            for (at in 2 until stroke.size - 2 step 2) {
                val (x, y) = stroke[at] to stroke[at + 1]
                quadTo(x, y, (x + stroke[at + 2]) / 2, (y + stroke[at + 3]) / 2)
            }
            lineTo(stroke[stroke.size - 2], stroke[stroke.size - 1]) // a tap is a dot
        }
    }
}
