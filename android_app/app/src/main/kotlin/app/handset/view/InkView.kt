package app.handset.view

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.Canvas
import android.graphics.Outline
import android.graphics.Paint
import android.graphics.Rect
import android.os.Build
import android.util.AttributeSet
import android.view.MotionEvent
import android.view.View
import android.view.ViewOutlineProvider
import app.handset.R
import kotlin.math.min

/** A square canvas to draw on with a finger. It collects strokes and calls [onChange]. */
class InkView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    val drawing = Drawing()

    /** Called when a stroke ends, and when strokes are taken away. */
    var onChange: () -> Unit = {}

    /** The pointer that draws: the first finger. Another one, or the heel of the hand, leaves no stroke. */
    private var finger = MotionEvent.INVALID_POINTER_ID
    private val pen = Drawing.pen(context.getColor(R.color.on_surface))
    private val paper = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = context.getColor(R.color.surface_container) }
    private val hint = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = context.getColor(R.color.on_surface_variant)
        textAlign = Paint.Align.CENTER
    }
    private val corner = resources.getDimension(R.dimen.corner)
    private val side get() = min(width, height).toFloat()
    private val left get() = (width - side) / 2
    private val top get() = (height - side) / 2

    init {
        isFocusable = true
        clipToOutline = true
        outlineProvider = object : ViewOutlineProvider() {
            override fun getOutline(view: View, outline: Outline) {
                outline.setRoundRect(left.toInt(), top.toInt(), (left + side).toInt(), (top + side).toInt(), corner)
            }
        }
        describe()
    }

    /** A stroke that begins at the edge of the screen is not the system's gesture for going back. */
    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        super.onLayout(changed, left, top, right, bottom)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            systemGestureExclusionRects = listOf(Rect(0, 0, width, height))
        }
    }

    fun undo() = change(drawing::undo)

    fun clear() = change(drawing::clear)

    fun restore(strokes: List<FloatArray>) = change { drawing.restore(strokes) }

    private fun change(what: () -> Unit) {
        what()
        changed()
    }

    private fun changed() {
        describe()
        invalidate()
        onChange()
    }

    private fun describe() {
        contentDescription = resources.getString(R.string.canvas_description, drawing.strokeCount)
    }

    @SuppressLint("ClickableViewAccessibility") // a drawing has no click; undo and clear are buttons
    override fun onTouchEvent(event: MotionEvent): Boolean {
        when (event.actionMasked) {
            MotionEvent.ACTION_DOWN -> {
                parent.requestDisallowInterceptTouchEvent(true)
                drawing.endStroke()
                finger = event.getPointerId(0)
                collect(event)
            }

            MotionEvent.ACTION_MOVE, MotionEvent.ACTION_POINTER_DOWN -> collect(event)

            MotionEvent.ACTION_POINTER_UP, MotionEvent.ACTION_UP -> {
                collect(event)
                if (event.getPointerId(event.actionIndex) == finger) lift()
            }

            MotionEvent.ACTION_CANCEL -> if (finger != MotionEvent.INVALID_POINTER_ID) change(drawing::undo)

            else -> return false
        }
        invalidate()
        return true
    }

    private fun lift() {
        finger = MotionEvent.INVALID_POINTER_ID
        drawing.endStroke()
        changed()
    }

    /** Every sample of the finger, also those that the system batched between two frames. */
    private fun collect(event: MotionEvent) {
        val index = event.findPointerIndex(finger)
        if (index < 0) return
        for (past in 0 until event.historySize) {
            add(event.getHistoricalX(index, past), event.getHistoricalY(index, past))
        }
        add(event.getX(index), event.getY(index))
    }

    private fun add(x: Float, y: Float) =
        drawing.add(((x - left) / side).coerceIn(0f, 1f), ((y - top) / side).coerceIn(0f, 1f))

    override fun onDraw(canvas: Canvas) {
        canvas.drawRoundRect(left, top, left + side, top + side, corner, corner, paper)
        if (drawing.isEmpty) {
            drawHint(canvas, resources.getString(R.string.draw_hint))
            return
        }
        canvas.save()
        canvas.translate(left, top)
        drawing.draw(canvas, side, pen)
        canvas.restore()
    }

    /** In the size that the user chose, or smaller where the canvas is too narrow for it. */
    private fun drawHint(canvas: Canvas, text: String) {
        hint.textSize = sp(HINT_SP)
        hint.textSize *= min(1f, side * HINT_SHARE / hint.measureText(text))
        canvas.drawText(text, width / 2f, height / 2f, hint)
    }

    private companion object {
        const val HINT_SHARE = 0.9f
        const val HINT_SP = 16f
    }
}
