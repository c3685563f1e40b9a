package app.handset.screen

import app.handset.core.AcceleratorException
import app.handset.core.CatalogException
import app.handset.core.HandsetException
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.ModelProblem
import app.handset.core.SelfTestException
import app.handset.model.AcceleratorChoice
import app.handset.model.ModelResult
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class MessagesTest {
    private val resources get() = RuntimeEnvironment.getApplication().resources

    private fun message(error: HandsetException) =
        resources.problem(ModelResult.Refused(error), AcceleratorChoice.GPU).orEmpty()

    private val refusals = listOf(
        InputException(DEVELOPERS),
        AcceleratorException(DEVELOPERS),
        CatalogException(DEVELOPERS),
        SelfTestException(DEVELOPERS)
    ) + ModelProblem.entries.map { ModelException(DEVELOPERS, null, it) }

    @Test
    @Config(qualifiers = "ko")
    fun `what developers wrote is on a line of its own and never inside a Korean sentence`() {
        for (error in refusals) {
            val lines = message(error).lines()
            assertTrue("$lines", lines.none { DEVELOPERS in it && it != DEVELOPERS })
            assertTrue("$lines", lines.filter { it != DEVELOPERS }.all { HANGUL in it })
        }
    }

    @Test
    fun `every refusal is a message, and that of a catalogue the file's own`() {
        for (error in refusals) assertTrue("$error", message(error).isNotBlank())
        assertEquals(DEVELOPERS, message(CatalogException(DEVELOPERS)))
    }

    @Test
    fun `NNAPI is said to be deprecated`() =
        assertEquals("NNAPI (deprecated since Android 15)", resources.name(AcceleratorChoice.NNAPI))

    @Test
    @Config(qualifiers = "ko")
    fun `NNAPI is said to be deprecated in Korean`() =
        assertEquals("NNAPI(Android 15부터 지원 중단)", resources.name(AcceleratorChoice.NNAPI))

    private companion object {
        const val DEVELOPERS = "axis 3 is of 7, not of 4; export it again"
        val HANGUL = Regex("\\p{IsHangul}")

        operator fun String.contains(pattern: Regex) = pattern.containsMatchIn(this)
    }
}
