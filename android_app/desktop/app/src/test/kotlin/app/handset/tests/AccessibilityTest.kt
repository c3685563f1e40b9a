package app.handset.tests

import android.view.View
import android.view.ViewGroup
import android.widget.TextView
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

/** What users need who see, hear or touch less well. [ContrastTest] checks colours, [ScreenshotTest] large text. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class AccessibilityTest {
    private val device = Device()

    @After
    fun close() = device.close()

    private fun eachScreen(check: (String, List<View>) -> Unit) =
        Tour(device).visit(JvmInterpreter) { screen -> check(screen, device.views().filter(View::isShown)) }

    private fun name(view: View): CharSequence = view.contentDescription ?: (view as? TextView)?.text ?: ""

    private fun within(view: View): List<View> = listOf(view) +
        if (view is ViewGroup) (0 until view.childCount).flatMap { within(view.getChildAt(it)) } else listOf()

    @Test
    @Config(qualifiers = SMALL)
    fun `whatever can be tapped is at least 48 dp large and has a name`() = eachScreen { screen, views ->
        val least = 48 * device.activity.resources.displayMetrics.density
        val targets = views.filter { it.isClickable }
        assertTrue(screen, targets.size >= 4)
        for (target in targets) {
            val what = "$screen: $target of ${target.width} x ${target.height}"
            assertTrue(what, target.width >= least && target.height >= least)
            assertTrue(what, within(target).any { name(it).isNotBlank() })
        }
    }

    @Test
    fun `whatever is drawn is described`() = eachScreen { screen, views ->
        val drawn = views.filter {
            it.javaClass.name.startsWith("app.handset.view") && it !is ViewGroup && it !is TextView &&
                it.isImportantForAccessibility
        }
        assertEquals(screen, emptyList<View>(), drawn.filter { it.contentDescription.isNullOrBlank() && it.height > 0 })
    }

    @Test
    fun `a screen is read from its title down`() = eachScreen { screen, views ->
        if (screen in setOf("gallery-details", "model-below")) return@eachScreen // scrolled: the top is out of sight
        val frame = device.view<ViewGroup>(R.id.screen)
        val read = views.filter { it !is ViewGroup && it in within(frame) && name(it).isNotBlank() }
        assertTrue("$screen begins with ${read.first()}", read.first().isAccessibilityHeading || screen == "permission")
        for ((before, after) in read.zipWithNext()) {
            assertTrue("$screen: ${name(after)} is above ${name(before)}", bottom(after) > top(before))
        }
    }

    private fun top(view: View) = IntArray(2).also(view::getLocationInWindow)[1]

    private fun bottom(view: View) = top(view) + view.height

    @Test
    fun `answers and messages are announced when they come`() = eachScreen { _, views ->
        val announced = listOf(R.id.message, R.id.winner, R.id.verdict_title, R.id.obtained, R.id.add_result)
        for (view in views.filter { it.id in announced }) {
            assertEquals("$view", View.ACCESSIBILITY_LIVE_REGION_POLITE, view.accessibilityLiveRegion)
        }
    }

    /** A screen reader's focus, like a keyboard's, is on a view, and is lost when another one takes its place. */
    private fun keepsFocus(view: View) {
        view.isFocusableInTouchMode = true // which is the mode that tests run in
        assertTrue(view.requestFocus())
        view.performClick()
        device.waitUntilIdle()
        assertTrue("$view is chosen", view.isSelected)
        assertTrue("$view is still there", view.isAttachedToWindow && view.isShown)
        assertTrue("$view has the focus", view.isFocused)
    }

    @Test
    fun `a model that is chosen keeps the focus, and so does a number of threads`() {
        device.launch().tap(R.id.tab_model)
        val models = device.view<ViewGroup>(R.id.models)
        keepsFocus(within(models).first { it.isClickable && !it.isSelected })
        val threads = device.view<ChoiceRow>(R.id.threads)
        keepsFocus(within(threads).first { it.isClickable && !it.isSelected })
    }
}
