package app.handset.desktop

import app.handset.core.Exif
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

class PreprocessorTest {
    private val cases = PreprocessCase.all()

    @TestFactory
    fun `every golden case is met byte for byte`(): List<DynamicTest> = cases.map { case ->
        dynamicTest(case.name) {
            val modelInput = case.modelInput { out ->
                if (case.isDrawing) {
                    drawing(case.ink(), case.width, case.height, out)
                } else {
                    picture(case.pixels(), case.width, case.height, case.orientation, out)
                }
            }
            assertArrayEquals(case.tensor, modelInput)
        }
    }

    @TestFactory
    fun `strips from the bottom up give what the whole picture gives`(): List<DynamicTest> =
        cases.filterNot { it.isDrawing }.map { case ->
            dynamicTest(case.name) {
                val pixels = case.pixels()
                val modelInput = case.modelInput { out ->
                    begin(case.width, case.height, case.orientation)
                    for (first in (0 until case.height step STRIP).reversed()) {
                        val count = minOf(STRIP, case.height - first)
                        rows(pixels, first * case.width, case.width, first, count)
                    }
                    finish(out)
                }
                assertArrayEquals(case.tensor, modelInput)
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
