package app.handset.tests

import android.graphics.Rect
import android.view.MotionEvent
import app.handset.R
import app.handset.view.InkView
import app.handset.view.RowsView
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class DigitTest {
    private val device = Device()
    private val ink get() = device.view<InkView>(R.id.ink)

    @After
    fun close() = device.close()

    private fun draw(digit: Int) {
        if (!ink.drawing.isEmpty) device.tap(R.id.clear)
        StrokeInput(ink).draw(StrokeInput.strokes(digit))
        device.waitUntilIdle()
    }

    @Test
    fun `at least nine of ten drawn digits are read right`() {
        device.launch()
        val read = (0..9).associateWith {
            draw(it)
            device.text(R.id.winner)
        }
        val right = read.count { (digit, answer) -> "$digit" == answer }
        assertTrue("$right of 10: $read", right >= 9)
    }

    @Test
    fun `ten probabilities add up to one and the times have decimals`() {
        device.launch()
        draw(3)
        val predictions = device.view<RowsView>(R.id.rows).predictions
        assertEquals((0..9).map(Int::toString), predictions.map { it.label })
        assertEquals(1f, predictions.map { it.probability }.sum(), 1e-3f)
        assertTrue(
            device.text(R.id.times),
            Regex("""preprocess \d+\.\d\d\u00A0ms · model \d+\.\d\d\u00A0ms""").matches(device.text(R.id.times))
        )
    }

    @Test
    fun `a rotated device keeps the strokes and their answer`() {
        device.launch()
        draw(4)
        val answer = device.text(R.id.winner)
        val strokes = ink.drawing.strokes()
        device.turn("+land")
        assertEquals(strokes.map { it.toList() }, ink.drawing.strokes().map { it.toList() })
        assertEquals(answer, device.text(R.id.winner))
    }

    @Test
    fun `a second finger leaves no stroke, whichever is lifted first`() {
        device.launch()
        val side = minOf(ink.width, ink.height)
        for (lifted in 0..1) {
            val hand = MultiTouchInput(ink)
            hand.touch(MotionEvent.ACTION_DOWN, 0 to side * 0.2f)
            hand.touch(MotionEvent.ACTION_MOVE, 0 to side * 0.3f)
            val both = arrayOf(0 to side * 0.3f, 1 to side * 0.9f)
            hand.touch(MotionEvent.ACTION_POINTER_DOWN or (1 shl MotionEvent.ACTION_POINTER_INDEX_SHIFT), *both)
            hand.touch(MotionEvent.ACTION_POINTER_UP or (lifted shl MotionEvent.ACTION_POINTER_INDEX_SHIFT), *both)
            hand.touch(MotionEvent.ACTION_MOVE, both[1 - lifted])
            hand.touch(MotionEvent.ACTION_UP, both[1 - lifted])
            val stroke = ink.drawing.strokes().single().toList()
            assertTrue("$lifted: $stroke", stroke.all { it < 0.6f })
            device.tap(R.id.clear)
        }
    }

    @Test
    fun `a stroke that begins at the edge of the screen is not the gesture for going back`() {
        device.launch()
        assertEquals(listOf(Rect(0, 0, ink.width, ink.height)), ink.systemGestureExclusionRects)
    }

    @Test
    fun `undo takes one stroke away and clear all`() {
        device.launch()
        draw(4)
        assertEquals(2, ink.drawing.strokeCount)
        device.tap(R.id.undo)
        assertEquals(1, ink.drawing.strokeCount)
        device.tap(R.id.clear)
        assertTrue(ink.drawing.isEmpty)
        assertFalse(device.isShown(R.id.answer))
        assertTrue(device.isShown(R.id.message))
    }
}
