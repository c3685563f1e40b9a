package app.handset.view

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.util.AttributeSet
import android.view.View
import app.handset.R
import app.handset.model.Prediction
import kotlin.math.max
import kotlin.math.min

/** Probabilities as columns side by side, for few and short labels. The highest is in colour. */
class ColumnsView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    var predictions: List<Prediction> = emptyList()
        set(value) {
            field = value
            contentDescription = describe(value)
            invalidate()
        }

    private val track = fill(R.color.track)
    private val bar = fill(R.color.ink_soft)
    private val winner = fill(R.color.accent)
    private val text = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        textAlign = Paint.Align.CENTER
        textSize = sp(TEXT_SP)
        color = context.getColor(R.color.ink)
    }

    private fun fill(color: Int) = Paint(Paint.ANTI_ALIAS_FLAG).apply { this.color = context.getColor(color) }

    private fun describe(predictions: List<Prediction>): String =
        predictions.sortedByDescending { it.probability }.joinToString("; ", transform = resources::spoken)

    /** As high as there is room, up to a share of the width. */
    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val wide = MeasureSpec.getSize(widthMeasureSpec)
        val high = getDefaultSize(suggestedMinimumHeight, heightMeasureSpec)
        setMeasuredDimension(wide, min(high, (wide * MAX_ASPECT).toInt()))
    }

    override fun onDraw(canvas: Canvas) {
        if (predictions.isEmpty()) return
        val step = width.toFloat() / predictions.size
        val thick = step * BAR_SHARE
        val foot = height - text.textSize * LABEL_LINES
        val highest = predictions.maxOf { it.probability }
        predictions.forEachIndexed { index, prediction ->
            val left = index * step + (step - thick) / 2
            val best = prediction.probability == highest
            canvas.drawRoundRect(left, 0f, left + thick, foot, thick / 2, thick / 2, track)
            val high = max(foot * prediction.probability, if (prediction.probability > VISIBLE) thick else 0f)
            canvas.drawRoundRect(left, foot - high, left + thick, foot, thick / 2, thick / 2, if (best) winner else bar)
            text.isFakeBoldText = best
            canvas.drawText(prediction.label, index * step + step / 2, height - text.descent(), text)
        }
    }

    private companion object {
        const val TEXT_SP = 15f
        const val MAX_ASPECT = 0.75f
        const val BAR_SHARE = 0.52f
        const val LABEL_LINES = 1.6f
        const val VISIBLE = 0.005f
    }
}
