package app.handset.view

import android.graphics.Insets
import android.view.View
import android.view.WindowInsets
import app.handset.MainActivity
import app.handset.R
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Android 15 and newer draw the app behind the system's bars: nothing of it may lie there. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class WindowBarsTest {
    private fun paddingFor(bars: Insets, cutout: Insets): Insets {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup()
        val window = activity.get().findViewById<View>(R.id.window)
        val insets = WindowInsets.Builder()
            .setInsets(WindowInsets.Type.systemBars(), bars)
            .setInsets(WindowInsets.Type.displayCutout(), cutout)
            .build()
        assertEquals(WindowInsets.CONSUMED, window.dispatchApplyWindowInsets(insets))
        activity.close()
        return Insets.of(window.paddingLeft, window.paddingTop, window.paddingRight, window.paddingBottom)
    }

    @Test
    fun `the screen lies between the bars`() =
        assertEquals(Insets.of(0, 63, 0, 48), paddingFor(Insets.of(0, 63, 0, 48), Insets.NONE))

    @Test
    @Config(qualifiers = "land")
    fun `and beside the camera's cutout when the phone lies on its side`() =
        assertEquals(Insets.of(90, 63, 0, 48), paddingFor(Insets.of(0, 63, 0, 48), Insets.of(90, 0, 0, 0)))
}
