package app.handset.tests

import android.graphics.Color
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** What users need who see or touch less well; with the light and the dark theme. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class AccessibilityTest(private val qualifiers: String) {
    private val device = Device()

    @After
    fun close() = device.close()

    private fun eachScreen(check: (String, List<View>) -> Unit) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        device.launch()
        for (tab in TABS) {
            if (!device.view<View>(tab).isSelected) device.tap(tab)
            check(device.text(tab), all(device.activity.window.decorView).filter(View::isShown))
        }
    }

    private fun all(view: View): List<View> = listOf(view) +
        if (view is ViewGroup) (0 until view.childCount).flatMap { all(view.getChildAt(it)) } else listOf()

    @Test
    fun `whatever can be tapped is at least 48 dp large and has a name`() = eachScreen { screen, views ->
        val least = TARGET_DP * device.activity.resources.displayMetrics.density
        val targets = views.filter { it.isClickable }
        assertTrue(screen, targets.size >= TABS.size)
        for (target in targets) {
            val what = "$screen: $target of ${target.width} x ${target.height}"
            assertTrue(what, target.width >= least && target.height >= least)
            assertTrue(what, all(target).any { named(it) })
        }
    }

    private fun named(view: View) =
        !view.contentDescription.isNullOrBlank() || (view as? TextView)?.text.isNullOrBlank().not()

    @Test
    fun `whatever is drawn is described`() = eachScreen { screen, views ->
        val drawn = views.filter {
            it.javaClass.name.startsWith("app.handset.view") && it !is ViewGroup && it !is TextView
        }
        assertEquals(screen, emptyList<View>(), drawn.filter { it.contentDescription.isNullOrBlank() && it.height > 0 })
    }

    @Test
    fun `text has enough contrast with its background`() {
        RuntimeEnvironment.setQualifiers(qualifiers)
        val colors = device.application.resources.newTheme().resources
        for ((text, backgrounds) in TEXTS) {
            for (background in backgrounds) {
                val ratio = contrast(colors.getColor(text, null), colors.getColor(background, null))
                val names = listOf(text, background).joinToString(" on ", transform = colors::getResourceEntryName)
                assertTrue("$names: %.2f".format(ratio), ratio >= CONTRAST)
            }
        }
    }

    /** WCAG 2.1, contrast ratio. */
    private fun contrast(one: Int, other: Int): Float {
        val (lower, higher) = listOf(one, other).map { Color.luminance(it) }.sorted()
        return (higher + FLARE) / (lower + FLARE)
    }

    companion object {
        private const val TARGET_DP = 48
        private const val CONTRAST = 4.5f
        private const val FLARE = 0.05f
        private val TABS = listOf(R.id.tab_digit, R.id.tab_gallery, R.id.tab_camera, R.id.tab_model)
        private val TEXTS = mapOf(
            R.color.ink to listOf(R.color.background, R.color.surface, R.color.accent_soft, R.color.track),
            R.color.ink_soft to listOf(R.color.background, R.color.surface, R.color.accent_soft),
            R.color.accent to listOf(R.color.background, R.color.surface, R.color.accent_soft),
            R.color.on_accent to listOf(R.color.accent),
            R.color.warning to listOf(R.color.warning_soft),
            R.color.caution to listOf(R.color.caution_soft)
        )

        @JvmStatic
        @ParameterizedRobolectricTestRunner.Parameters(name = "{0}")
        fun themes(): List<Array<String>> = listOf(arrayOf(PHONE), arrayOf(PHONE.replace("notnight", "night")))
    }
}
