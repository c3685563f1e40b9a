package app.handset.tests

import javax.xml.parsers.DocumentBuilderFactory
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.w3c.dom.Element

/**
 * Colours that lie on each other have the contrast that WCAG 2.1 asks for, level AA: the app's own, and those of every
 * wallpaper. The system's palettes give a number's perceptual lightness (L*), whatever the hue; luminance, and so the
 * contrast, follows from it alone.
 */
class ContrastTest {
    private val resources = Device.ROOT.resolve("android_app/app/src/main/res")

    private fun elements(path: String, tag: String): List<Element> {
        val file = resources.resolve(path).takeIf { it.exists() } ?: return emptyList()
        val found = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getElementsByTagName(tag)
        return (0 until found.length).map { found.item(it) as Element }
    }

    /** Colours by name, as text: later folders win, as in Android. */
    private fun colours(vararg suffixes: String): Map<String, Double> = suffixes.flatMap { suffix ->
        val single = resources.resolve("color$suffix").listFiles().orEmpty().flatMap { file ->
            elements("color$suffix/${file.name}", "item").filter { it.hasAttribute("android:lStar") }
                .map { file.nameWithoutExtension to ofLightness(it.getAttribute("android:lStar").toDouble()) }
        }
        single +
            elements("values$suffix/colors.xml", "color").map { it.getAttribute("name") to luminance(it.textContent) }
    }.toMap()

    private fun luminance(colour: String): Double = when {
        colour.startsWith("#") -> ofChannels(colour.drop(1).chunked(2).map { it.toInt(HEXADECIMAL) / 255.0 })
        else -> ofLightness(LIGHTEST - colour.substringAfterLast('_').toInt() / 10.0)
    }

    /** WCAG 2.1, relative luminance. */
    private fun ofChannels(channels: List<Double>): Double = channels
        .map { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }
        .zip(listOf(0.2126, 0.7152, 0.0722)) { linear, weight -> linear * weight }.sum()

    /** CIE L* to Y, the inverse of L* = 116 f(Y) - 16. */
    private fun ofLightness(lightness: Double): Double =
        if (lightness > 8) ((lightness + 16) / 116).pow(3) else lightness / 903.3

    private fun contrast(one: Double, other: Double) = (max(one, other) + 0.05) / (min(one, other) + 0.05)

    private fun check(theme: String, colours: Map<String, Double>) {
        for ((pairs, least) in listOf(TEXTS to TEXT_CONTRAST, GRAPHICS to GRAPHICS_CONTRAST)) {
            for ((front, backs) in pairs) {
                for (back in backs) {
                    val ratio = contrast(colours.getValue(front), colours.getValue(back))
                    assertTrue("$theme: $front on $back: %.2f".format(ratio), ratio >= least)
                }
            }
        }
    }

    @Test
    fun `the app's own light colours are legible`() = check("light", colours(""))

    @Test
    fun `the app's own dark colours are legible`() = check("dark", colours("", "-night"))

    @Test
    fun `light colours of any wallpaper are legible`() = check("dynamic light", colours("", "-v31"))

    @Test
    fun `dark colours of any wallpaper are legible`() =
        check("dynamic dark", colours("", "-v31", "-night", "-night-v31"))

    @Test
    fun `what comes from the wallpaper by day comes from it by night`() =
        assertEquals(colours("-v31").keys, colours("-night-v31").keys)

    @Test
    fun `black on white is 21 to 1, in both ways to compute it`() {
        assertEquals(21.0, contrast(luminance("#000000"), luminance("#FFFFFF")), 1e-6)
        assertEquals(21.0, contrast(ofLightness(0.0), ofLightness(100.0)), 1e-6)
        assertEquals("middle grey", ofLightness(53.585), luminance("#808080"), 1e-4)
    }

    private companion object {
        const val HEXADECIMAL = 16
        const val LIGHTEST = 100

        /** WCAG 2.1, 1.4.3. */
        const val TEXT_CONTRAST = 4.5

        /** WCAG 2.1, 1.4.11. */
        const val GRAPHICS_CONTRAST = 3.0
        val SURFACES = listOf("surface", "surface_container", "surface_container_highest")
        val TEXTS = mapOf(
            "on_surface" to SURFACES + "secondary_container",
            "on_surface_variant" to listOf("surface", "surface_container", "secondary_container"),
            "primary" to listOf("surface", "surface_container"),
            "on_primary" to listOf("primary"),
            "on_secondary_container" to listOf("secondary_container")
        ) +
            listOf("come_in", "stay_inside", "stay_outside").associate {
                "on_${it}_container" to
                    listOf("${it}_container")
            }
        val GRAPHICS = mapOf("primary" to SURFACES, "on_surface_variant" to SURFACES)
    }
}
