package app.handset.view

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.text.TextPaint
import android.text.TextUtils
import android.util.AttributeSet
import android.view.View
import app.handset.R
import app.handset.model.Prediction
import kotlin.math.ceil
import kotlin.math.max

/** Probabilities as rows, for long labels: the label, its percentage, and a bar below both. */
class RowsView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    var predictions: List<Prediction> = emptyList()
        set(value) {
            val resized = field.size != value.size
            field = value
            contentDescription = value.joinToString("; ", transform = resources::spoken)
            if (resized) requestLayout()
            invalidate()
        }

    private val label = TextPaint(Paint.ANTI_ALIAS_FLAG).apply {
        textSize = sp(TEXT_SP)
        color = context.getColor(R.color.ink)
    }
    private val share = TextPaint(label).apply {
        textAlign = Paint.Align.RIGHT
        color = context.getColor(R.color.ink_soft)
    }
    private val track = fill(R.color.track)
    private val bar = fill(R.color.ink_soft)
    private val winner = fill(R.color.accent)
    private val thick = dp(BAR_DP)
    private val rowHeight = label.fontSpacing + thick + dp(GAP_DP)

    private fun fill(color: Int) = Paint(Paint.ANTI_ALIAS_FLAG).apply { this.color = context.getColor(color) }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val high = ceil(rowHeight * predictions.size).toInt()
        setMeasuredDimension(
            getDefaultSize(suggestedMinimumWidth, widthMeasureSpec),
            resolveSize(high, heightMeasureSpec)
        )
    }

    override fun onDraw(canvas: Canvas) {
        predictions.forEachIndexed { index, prediction ->
            draw(canvas, prediction, index * rowHeight, best = index == 0)
        }
    }

    private fun draw(canvas: Canvas, prediction: Prediction, top: Float, best: Boolean) {
        val written = percent(prediction.probability)
        label.isFakeBoldText = best
        val space = width - share.measureText(written) - dp(GAP_DP)
        val baseline = top - label.ascent()
        val shown = TextUtils.ellipsize(prediction.label, label, space, TextUtils.TruncateAt.END)
        canvas.drawText(shown, 0, shown.length, 0f, baseline, label)
        canvas.drawText(written, width.toFloat(), baseline, share)
        val barTop = top + label.fontSpacing + dp(2f)
        canvas.drawRoundRect(0f, barTop, width.toFloat(), barTop + thick, thick / 2, thick / 2, track)
        val long = max(width * prediction.probability, thick)
        canvas.drawRoundRect(0f, barTop, long, barTop + thick, thick / 2, thick / 2, if (best) winner else bar)
    }

    private companion object {
        const val TEXT_SP = 16f
        const val BAR_DP = 8f
        const val GAP_DP = 10f
    }
}
