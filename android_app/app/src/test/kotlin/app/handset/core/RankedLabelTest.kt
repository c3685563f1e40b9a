package app.handset.core

import java.nio.ByteBuffer
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class RankedLabelTest {
    @Test
    fun `of equal scores the lower index comes first`() {
        val scores = floatArrayOf(0.2f, 0.5f, 0.2f, 0.5f, 0.1f)
        assertEquals(listOf(RankedLabel(1, 0.5f), RankedLabel(3, 0.5f), RankedLabel(0, 0.2f)), topK(scores, 3))
        assertEquals(2, topK(floatArrayOf(1f, 2f), 5).size)
    }

    @Test
    fun `integer outputs become real numbers by their own quantisation`() {
        val output = ByteBuffer.wrap(byteArrayOf(0, 127, -128, -1))
        val unsigned = TensorInfo(TensorType.UINT8, listOf(4), Quantization(0.5, 2))
        assertArrayEquals(floatArrayOf(-1f, 62.5f, 63f, 126.5f), scores(output, unsigned), 0f)
        val signed = TensorInfo(TensorType.INT8, listOf(4), Quantization(0.5, -128))
        assertArrayEquals(floatArrayOf(64f, 127.5f, 0f, 63.5f), scores(output, signed), 0f)
    }

    @Test
    fun `a dog comes in, a cat stays inside, anything else stays outside`() {
        val door = Door(dog = 151..268, cat = 281..285)
        val answers = listOf(150, 151, 268, 269, 280, 281, 285, 286).map(door::answer)
        val outside = Verdict.STAY_OUTSIDE
        val dog = Verdict.COME_IN
        val cat = Verdict.STAY_INSIDE
        assertEquals(listOf(outside, dog, dog, outside, outside, cat, cat, outside), answers)
    }
}
