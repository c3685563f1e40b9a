package app.handset.tests

import android.app.Activity
import android.content.Context
import android.os.Bundle
import app.handset.SelfTestInstrumentation
import app.handset.picture.BitmapDecoder
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The phone's self-test of strips, as far as a desktop can run it: with [RegionsOfTheWhole] as decoder of regions. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE, shadows = [RegionsOfTheWhole::class])
class StripsTest {
    private class Listened(private val told: Told) : SelfTestInstrumentation() {
        override fun getTargetContext(): Context = RuntimeEnvironment.getApplication()

        override fun start() = onStart()

        override fun sendStatus(code: Int, results: Bundle) = told.status(code, results)

        override fun finish(code: Int, results: Bundle) {
            told.end = code to results
        }
    }

    private fun selfTest() = Told().also { Listened(it).onCreate(null) }

    @After
    fun right() {
        RegionsOfTheWhole.lateRows = 0
    }

    @Test
    fun `strips equal the whole for every format and size`() {
        val told = selfTest()
        val strips = told.tests.filter { (_, test) -> "strips" in checkNotNull(test.getString("test")) }
        assertEquals(List(9) { listOf(1, 0) }.flatten(), strips.map { it.first })
        assertTrue(strips.all { (_, test) -> test.getString("class") == SelfTestInstrumentation::class.java.name })
        val (code, end) = checkNotNull(told.end)
        assertEquals(Activity.RESULT_OK, code)
        assertTrue(checkNotNull(end.getString("stream")).startsWith("\nOK ("))
    }

    @Test
    fun `a decoder whose strips are a row off is found, and the row named`() {
        RegionsOfTheWhole.lateRows = 1
        val failed = selfTest().tests.filter {
            it.first == -2
        }.map { (_, test) -> checkNotNull(test.getString("stack")) }
        assertEquals(6, failed.size) // a picture of one row has no second strip
        assertTrue("$failed", failed.all { "levels differ, by at most" in it && it.endsWith("first in row 64") })
    }

    @Test
    fun `a large picture is decoded in as few strips as its share of memory allows`() {
        val data = Photographs.noise(width = 100, height = 500)
        RegionsOfTheWhole.regions = 0
        BitmapDecoder(wholePixels = 20_000).decode(data, "large", Photographs.Nowhere)
        assertEquals(3, RegionsOfTheWhole.regions) // 192 rows of 100 pixels are the most below 20,000
    }
}
