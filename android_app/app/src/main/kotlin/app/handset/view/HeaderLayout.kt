package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup
import app.handset.R
import kotlin.math.max

/** Two children: on one line, at its two ends, as long as both fit there; else the second below the first. */
class HeaderLayout(context: Context, attributes: AttributeSet?) : ViewGroup(context, attributes) {
    private val gap = resources.getDimensionPixelSize(R.dimen.gap_small)
    private val first get() = getChildAt(0)
    private val second get() = getChildAt(1)
    private var isOneLine = true

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        val room = MeasureSpec.makeMeasureSpec(width - paddingLeft - paddingRight, MeasureSpec.AT_MOST)
        first.measure(room, MeasureSpec.UNSPECIFIED)
        second.measure(room, MeasureSpec.UNSPECIFIED)
        val (wide, high) = if (isHere(second)) second.measuredWidth to second.measuredHeight else 0 to 0
        isOneLine = first.measuredWidth + gap + wide <= MeasureSpec.getSize(room)
        val below = if (wide > 0) gap + high else 0
        val content = if (isOneLine) max(first.measuredHeight, high) else first.measuredHeight + below
        setMeasuredDimension(width, paddingTop + content + paddingBottom)
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val line = if (isOneLine) height - paddingTop - paddingBottom else first.measuredHeight
        first.place(0, (line - first.measuredHeight) / 2)
        if (!isHere(second)) return
        val end = width - paddingLeft - paddingRight - second.measuredWidth
        second.place(if (isOneLine) end else 0, if (isOneLine) (line - second.measuredHeight) / 2 else line + gap)
    }

    private fun isHere(view: View) = view.visibility != GONE

    /** [start] from where a line begins, which is the right in a language that is written from there. */
    private fun View.place(start: Int, top: Int) {
        val isRightToLeft = this@HeaderLayout.layoutDirection == LAYOUT_DIRECTION_RTL
        val room = this@HeaderLayout.width - this@HeaderLayout.paddingLeft - this@HeaderLayout.paddingRight
        val x = this@HeaderLayout.paddingLeft + if (isRightToLeft) room - start - measuredWidth else start
        val y = this@HeaderLayout.paddingTop + top
        layout(x, y, x + measuredWidth, y + measuredHeight)
    }
}
