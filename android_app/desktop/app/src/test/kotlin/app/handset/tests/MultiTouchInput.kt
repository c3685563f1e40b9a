package app.handset.tests

import android.os.SystemClock
import android.view.MotionEvent
import android.view.View

/** Sends touch events of several fingers to a view, each finger on the view's diagonal. */
class MultiTouchInput(private val view: View) {
    private val began = SystemClock.uptimeMillis()
    private var at = began

    /** Send one event with all [fingers] that are down: the number of each, and its x and y in pixels. */
    fun touch(action: Int, vararg fingers: Pair<Int, Float>) {
        val properties = Array(fingers.size) { MotionEvent.PointerProperties().apply { id = fingers[it].first } }
        val places = Array(fingers.size) {
            MotionEvent.PointerCoords().apply {
                x = fingers[it].second
                y = fingers[it].second
            }
        }
        at += SAMPLE_MS
        val event = MotionEvent.obtain(
            began, at, action, fingers.size, properties, places, 0, 0, 1f, 1f, 0, 0, 0, 0
        )
        view.dispatchTouchEvent(event)
        event.recycle()
    }

    private companion object {
        const val SAMPLE_MS = 8L
    }
}
