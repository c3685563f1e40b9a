package app.handset.tests

import app.handset.core.RuntimeInfo
import app.handset.engine.Interpreter
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Every screen on devices small and large, by day and by night, in both languages, with small and with large text. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class ScreenshotTest(private val variant: String, private val qualifiers: String, private val fontScale: Float) {
    private val device = Device()

    @After
    fun close() = device.close()

    @Test
    fun `every screen is drawn and none of its text is cut`() {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(fontScale)
        val cut = ArrayList<String>()
        Tour(device).visit(NamedAsInTheApk) { screen ->
            device.screenshot("$screen-$variant")
            cut += CutText.on(device).map { "$screen: $it" }
        }
        assertEquals(emptyList<String>(), cut)
    }

    /** Pictures name the runtime that the APK has; what they show is computed by another build of it. */
    private object NamedAsInTheApk : Interpreter by JvmInterpreter {
        override val info = RuntimeInfo(JvmInterpreter.info.name, checkNotNull(System.getProperty("handset.runtime")))
    }

    companion object {
        private val DEVICES = mapOf(
            "phone" to PHONE,
            "phone-land" to PHONE_ON_ITS_SIDE,
            "small" to SMALL,
            "unfolded" to UNFOLDED,
            "tablet" to TABLET,
            "tablet-land" to TABLET_ON_ITS_SIDE
        )

        /** Those that the pages show, and those that leave text the least room. */
        private val SOME = setOf("phone-light", "phone-dark", "small-light-large", "small-korean-light-large")

        /** With `-Dscreens=all`, every device in every language, theme and size of text. */
        @JvmStatic
        @ParameterizedRobolectricTestRunner.Parameters(name = "{0}")
        fun variants(): List<Array<Any>> =
            combinations().filter { System.getProperty("screens") == "all" || it.first() in SOME } +
                listOf(arrayOf("phone-land-arabic-dark", "ar-ldrtl-${dark(PHONE_ON_ITS_SIDE)}", 1f))

        private fun combinations(): List<Array<Any>> = DEVICES.flatMap { (name, qualifiers) ->
            listOf("" to "en", "-korean" to "ko").flatMap { (language, locale) ->
                listOf("light" to qualifiers, "dark" to dark(qualifiers)).flatMap { (theme, themed) ->
                    listOf("" to 1f, "-large" to 2f).map { (text, scale) ->
                        arrayOf("$name$language-$theme$text", "$locale-$themed", scale)
                    }
                }
            }
        }
    }
}
