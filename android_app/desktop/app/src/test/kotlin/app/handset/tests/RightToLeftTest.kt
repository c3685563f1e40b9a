package app.handset.tests

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import android.view.ViewGroup
import android.widget.ProgressBar
import app.handset.R
import app.handset.view.ChoiceRow
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** In a language that is written from right to left every screen is mirrored. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class RightToLeftTest {
    private val device = Device()

    @After
    fun close() = device.close()

    private fun left(view: View) = IntArray(2).also(view::getLocationInWindow)[0]

    private fun assertOrder(first: View, second: View) =
        assertTrue("$first begins right of $second", left(first) >= left(second) + second.width)

    private fun titleIsRightOfChip() {
        val chip = device.view<View>(R.id.chip)
        assertOrder((chip.parent as ViewGroup).getChildAt(0), chip)
    }

    @Test
    @Config(qualifiers = "ar-ldrtl-$PHONE")
    fun `titles, tabs, answers and choices begin on the right`() = Tour(device).visit(JvmInterpreter) { screen ->
        assertOrder(device.view(R.id.tab_digit), device.view(R.id.tab_model))
        if (screen != "permission") titleIsRightOfChip()
        when (screen) {
            "digit" -> assertOrder(device.view(R.id.undo), device.view(R.id.clear))

            "gallery-door" -> assertOrder(device.view(R.id.verdict_icon), device.view(R.id.verdict_title))

            "camera" -> {
                val row = device.view<ViewGroup>(R.id.rows).getChildAt(0)
                assertOrder(row.findViewById(R.id.label), row.findViewById(R.id.share))
                assertFilledFromTheRight(row.findViewById(R.id.bar))
            }

            "model" -> device.view<ChoiceRow>(R.id.threads).run { assertOrder(getChildAt(0), getChildAt(1)) }
        }
    }

    private fun assertFilledFromTheRight(bar: ProgressBar) {
        val drawn = Bitmap.createBitmap(bar.width, bar.height, Bitmap.Config.ARGB_8888)
        bar.draw(Canvas(drawn))
        val (left, right) = listOf(bar.height, bar.width - bar.height).map { drawn.getPixel(it, bar.height / 2) }
        assertEquals(device.activity.getColor(R.color.primary), right)
        assertEquals(device.activity.getColor(R.color.surface_container_highest), left)
    }

    @Test
    @Config(qualifiers = "ar-ldrtl-$PHONE_ON_ITS_SIDE")
    fun `on its side, navigation is on the right and the answer on the left`() {
        device.launch()
        assertOrder(device.view(R.id.tab_digit), device.view(R.id.ink))
        assertOrder(device.view(R.id.ink), device.view(R.id.message))
    }
}
