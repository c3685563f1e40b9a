package app.handset.tests

import android.os.SystemClock
import android.view.MotionEvent
import android.view.View
import kotlin.math.ceil
import kotlin.math.hypot
import kotlin.math.min
import org.json.JSONArray
import org.json.JSONObject

/** Draws on a view with the touch events of one finger: down, many small moves, up. */
class StrokeInput(private val view: View) {
    /** Strokes of points in a unit square, put into the middle of the view's largest square. */
    fun draw(strokes: List<List<Pair<Float, Float>>>) = strokes.forEach(::stroke)

    private fun stroke(points: List<Pair<Float, Float>>) {
        val began = SystemClock.uptimeMillis()
        val path = sampled(points)
        path.forEachIndexed { index, (x, y) ->
            val action = when (index) {
                0 -> MotionEvent.ACTION_DOWN
                path.lastIndex -> MotionEvent.ACTION_UP
                else -> MotionEvent.ACTION_MOVE
            }
            val side = min(view.width, view.height)
            val left = (view.width - side) / 2f
            val top = (view.height - side) / 2f
            val at = began + index * SAMPLE_MS
            val event = MotionEvent.obtain(began, at, action, left + place(x) * side, top + place(y) * side, 0)
            view.dispatchTouchEvent(event)
            event.recycle()
        }
    }

    private fun place(unit: Float) = MARGIN + unit * (1 - 2 * MARGIN)

    private fun sampled(points: List<Pair<Float, Float>>): List<Pair<Float, Float>> =
        listOf(points.first()) + points.zipWithNext().flatMap { (from, to) ->
            val steps = ceil(hypot(to.first - from.first, to.second - from.second) / STEP).toInt().coerceAtLeast(1)
            (1..steps).map { step ->
                val share = step.toFloat() / steps
                from.first + (to.first - from.first) * share to from.second + (to.second - from.second) * share
            }
        }

    companion object {
        private const val SAMPLE_MS = 8L
        private const val STEP = 0.02f
        private const val MARGIN = 0.15f

        /** The strokes of [digit] that Python's tests draw too. */
        fun strokes(digit: Int): List<List<Pair<Float, Float>>> {
            val file = Device.ROOT.resolve("tests/golden/preprocess/strokes.json")
            val strokes = JSONObject(file.readText()).getJSONObject("digits").getJSONArray("$digit")
            return strokes.items { stroke ->
                stroke.items { point -> point.getDouble(0).toFloat() to point.getDouble(1).toFloat() }
            }
        }

        private fun <T> JSONArray.items(read: (JSONArray) -> T): List<T> = List(length()) { read(getJSONArray(it)) }
    }
}
