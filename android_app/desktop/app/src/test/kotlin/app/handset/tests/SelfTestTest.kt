package app.handset.tests

import android.app.Activity
import android.content.Context
import android.os.Bundle
import app.handset.HandsetApplication
import app.handset.SelfTestInstrumentation
import app.handset.picture.BitmapDecoder
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The phone's self-test, as far as a desktop can run it: with [FakeRegionDecoder] as decoder of regions. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE, shadows = [FakeRegionDecoder::class])
class SelfTestTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    private class RecordingInstrumentation(private val statuses: RecordedStatuses) : SelfTestInstrumentation() {
        override fun getTargetContext(): Context = RuntimeEnvironment.getApplication()

        override fun start() = onStart()

        override fun sendStatus(code: Int, results: Bundle) = statuses.status(code, results)

        override fun finish(code: Int, results: Bundle) {
            statuses.end = code to results
        }
    }

    private fun selfTest(): RecordedStatuses {
        application.interpreter = JvmInterpreter
        return RecordedStatuses().also { RecordingInstrumentation(it).onCreate(null) }
    }

    private fun failures() =
        selfTest().tests.filter { it.first == -2 }.map { (_, test) -> checkNotNull(test.getString("stack")) }

    @After
    fun right() {
        FakeRegionDecoder.lateRows = 0
    }

    @Test
    fun `strips equal the whole for every format and size`() {
        val statuses = selfTest()
        val strips = statuses.tests.filter { (_, test) -> "strips" in checkNotNull(test.getString("test")) }
        assertEquals(List(9) { listOf(1, 0) }.flatten(), strips.map { it.first })
        assertTrue(strips.all { (_, test) -> test.getString("class") == SelfTestInstrumentation::class.java.name })
        val (code, end) = checkNotNull(statuses.end)
        assertEquals(Activity.RESULT_OK, code)
        assertTrue(checkNotNull(end.getString("stream")).startsWith("\nOK ("))
    }

    @Test
    fun `a decoder whose strips are a row off is found, and the row named`() {
        FakeRegionDecoder.lateRows = 1
        val failed = failures()
        assertEquals(6, failed.size) // a picture of one row has no second strip
        assertTrue("$failed", failed.all { "levels differ, by at most" in it && it.endsWith("first in row 64") })
    }

    @Test
    fun `a large picture is decoded in as few strips as its share of memory allows`() {
        val data = Photographs.noise(width = 100, height = 500)
        FakeRegionDecoder.regions = 0
        BitmapDecoder(wholePixels = 20_000).decode(data, "large", Photographs.IgnoringSink)
        assertEquals(3, FakeRegionDecoder.regions) // 192 rows of 100 pixels are the most below 20,000
    }

    @Test
    fun `models that compute at every stage what the desktop computed pass`() {
        application.models = FolderModels.golden(folder.root)
        val models = selfTest().tests.filter { (_, test) -> "every_stage" in checkNotNull(test.getString("test")) }
        assertEquals(listOf(1, 0, 1, 0, 1, 0), models.map { it.first })
    }

    @Test
    fun `the stage that differs first is named`() {
        val models = FolderModels.golden(folder.root).also { application.models = it }
        models.damageSelfTest("colour", "rgb_alpha.png") { Photographs.noise(8, 8) }
        models.damageSelfTest("digit", "digit_int8.bin") { it.clone().apply { set(25, (get(25) + 3).toByte()) } }
        assertEquals(
            listOf(
                "every_stage_is_as_on_the_desktop[digit int8]: digit_2.raw differs at output by 3.0",
                "every_stage_is_as_on_the_desktop[colour fp32]: rgb_alpha.png differs at decode"
            ),
            failures()
        )
    }
}
