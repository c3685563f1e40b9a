package app.handset.view

import android.content.Context
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.LayerDrawable
import android.util.AttributeSet
import android.view.ContextThemeWrapper
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.LinearLayout
import app.handset.R

/**
 * A few options as connected buttons, one of them chosen: beside each other, or below each other where the text of one
 * would not fit. The sizes are those of Material 3's connected button group.
 */
class ChoiceRow(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    private val themed = ContextThemeWrapper(context, R.style.Button_Choice)
    private val buttons get() = (0 until childCount).map { getChildAt(it) as Button }
    private val gap = dp(GAP_DP).toInt()
    private val inner = dp(INNER_DP)
    private val round = dp(ROUND_DP)
    private var options: List<Any?> = emptyList()
    private var isArranged = false

    /** Show [options] with their [text]; [chosen] is selected, and [onChoose] is called with another one. */
    fun <T> offer(options: List<T>, chosen: T, text: (T) -> String, onChoose: (T) -> Unit) {
        if (options != this.options) fill(options.map(text))
        this.options = options
        options.zip(buttons) { option, button ->
            button.isSelected = option == chosen
            button.setOnClickListener { if (!it.isSelected) onChoose(option) }
        }
        shape()
    }

    private fun fill(texts: List<String>) {
        removeAllViews()
        for (text in texts) {
            val button = Button(themed, null, 0, R.style.Button_Choice)
            button.text = text
            button.background.mutate() // before there is a state, which would be lost
            addView(button)
        }
        isArranged = false
    }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val share = MeasureSpec.getSize(widthMeasureSpec) / maxOf(1, childCount) - gap
        val isTall = buttons.any { it.paint.measureText("${it.text}") + it.paddingLeft + it.paddingRight > share }
        arrange(if (isTall) VERTICAL else HORIZONTAL)
        super.onMeasure(widthMeasureSpec, heightMeasureSpec)
    }

    private fun arrange(direction: Int) {
        if (direction == orientation && isArranged) return
        isArranged = true
        orientation = direction
        for (button in buttons) {
            val space = if (button == buttons.last()) 0 else gap
            button.layoutParams = if (direction == VERTICAL) {
                LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { bottomMargin = space }
            } else {
                LayoutParams(0, WRAP_CONTENT, 1f).apply { marginEnd = space }
            }
        }
        shape()
    }

    override fun onRtlPropertiesChanged(layoutDirection: Int) = shape()

    /** Round where the group ends, and all round the chosen one. */
    private fun shape() = buttons.forEachIndexed { index, button ->
        val start = if (index == 0 || button.isSelected) round else inner
        val end = if (index == childCount - 1 || button.isSelected) round else inner
        val shape = (button.background as LayerDrawable).getDrawable(0) as GradientDrawable
        shape.cornerRadii = when {
            orientation == VERTICAL -> corners(start, start, end, end)
            layoutDirection == LAYOUT_DIRECTION_RTL -> corners(end, start, start, end)
            else -> corners(start, end, end, start)
        }
    }

    private fun corners(vararg clockwise: Float) = clockwise.flatMap { listOf(it, it) }.toFloatArray()

    private companion object {
        const val GAP_DP = 2f
        const val INNER_DP = 8f
        const val ROUND_DP = 24f
    }
}
