package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup
import app.handset.R
import kotlin.math.max
import kotlin.math.min

/**
 * Two children, a picture and the answer about it: beside each other where there is more width than height, else the
 * second below the first. The first gets a square and room for its buttons, as long as the second keeps its minimum
 * height; but at least most of the space.
 */
class TwoPaneLayout(context: Context, attributes: AttributeSet?) : ViewGroup(context, attributes) {
    private val gap = resources.getDimensionPixelSize(R.dimen.gap)
    private val controls = dp(CONTROLS_DP).toInt()

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        val height = MeasureSpec.getSize(heightMeasureSpec)
        setMeasuredDimension(width, height)
        val innerWidth = max(0, width - paddingLeft - paddingRight)
        val innerHeight = max(0, height - paddingTop - paddingBottom)
        if (innerWidth > innerHeight) {
            val first = min(max(innerHeight - controls, innerWidth / 2), innerWidth * MOST_PERCENT / HUNDRED)
            getChildAt(0).exactly(first, innerHeight)
            getChildAt(1).exactly(max(0, innerWidth - gap - first), innerHeight)
        } else {
            val left = innerHeight - gap - getChildAt(1).minimumHeight
            val first = min(innerWidth + controls, max(left, innerHeight * MOST_PERCENT / HUNDRED))
            getChildAt(0).exactly(innerWidth, first)
            getChildAt(1).exactly(innerWidth, max(0, innerHeight - gap - first))
        }
    }

    private fun View.exactly(width: Int, height: Int) = measure(
        MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY),
        MeasureSpec.makeMeasureSpec(height, MeasureSpec.EXACTLY)
    )

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val first = getChildAt(0)
        val second = getChildAt(1)
        val beside = right - left - paddingLeft - paddingRight > bottom - top - paddingTop - paddingBottom
        val rightToLeft = layoutDirection == LAYOUT_DIRECTION_RTL
        val firstLeft = if (beside && rightToLeft) paddingLeft + second.measuredWidth + gap else paddingLeft
        val secondLeft = if (beside && !rightToLeft) paddingLeft + first.measuredWidth + gap else paddingLeft
        val secondTop = if (beside) paddingTop else paddingTop + first.measuredHeight + gap
        first.place(firstLeft, paddingTop)
        second.place(secondLeft, secondTop)
    }

    private fun View.place(left: Int, top: Int) = layout(left, top, left + measuredWidth, top + measuredHeight)

    private companion object {
        const val CONTROLS_DP = 124f
        const val MOST_PERCENT = 58
        const val HUNDRED = 100
    }
}
