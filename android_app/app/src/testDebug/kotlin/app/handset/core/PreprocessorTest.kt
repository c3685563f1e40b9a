package app.handset.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class PreprocessorTest {
    private val cases = PreprocessCase.all()

    @Test
    fun `every golden case is met byte for byte`() {
        for (case in cases) {
            val modelInput = case.modelInput { out ->
                if (case.isDrawing) {
                    drawing(case.ink(), case.width, case.height, out)
                } else {
                    picture(case.pixels(), case.width, case.height, case.orientation, out)
                }
            }
            assertArrayEquals(case.name, case.tensor, modelInput)
        }
    }

    @Test
    fun `strips from the bottom up give what the whole picture gives`() {
        for (case in cases.filterNot { it.isDrawing }) {
            val pixels = case.pixels()
            val modelInput = case.modelInput { out ->
                begin(case.width, case.height, case.orientation)
                for (first in (0 until case.height step STRIP).reversed()) {
                    val count = minOf(STRIP, case.height - first)
                    rows(pixels, first * case.width, case.width, first, count)
                }
                finish(out)
            }
            assertArrayEquals(case.name, case.tensor, modelInput)
        }
    }

    @Test
    fun `all the golden cases are read`() {
        assertEquals(117, cases.size)
        assertEquals(Exif.ORIENTATIONS.toSet(), cases.map { it.orientation }.toSet())
    }

    private companion object {
        const val STRIP = 5
    }
}
