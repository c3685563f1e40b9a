package app.handset.view

import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View

/** The outline of what the model is given, over a preview; where that is larger than the preview, at its edge. */
class SquareView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    /** In this view's pixels; null where it is not known. */
    var square: RectF? = null
        set(value) {
            field = value
            invalidate()
        }

    private val inner = line(Color.WHITE, INNER_DP)
    private val outer = line(SHADE, OUTER_DP) // visible on a white wall
    private val corner = dp(CORNER_DP)

    private fun line(color: Int, thickDp: Float) = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        this.color = color
        style = Paint.Style.STROKE
        strokeWidth = dp(thickDp)
    }

    override fun onDraw(canvas: Canvas) {
        val seen = RectF(square ?: return)
        val half = outer.strokeWidth / 2
        if (!seen.intersect(half, half, width - half, height - half)) return
        canvas.drawRoundRect(seen, corner, corner, outer)
        canvas.drawRoundRect(seen, corner, corner, inner)
    }

    private companion object {
        const val INNER_DP = 2f
        const val OUTER_DP = 4f
        const val CORNER_DP = 8f
        const val SHADE = 0x80000000.toInt()
    }
}
