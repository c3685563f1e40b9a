package app.handset.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class SmoothingTest {
    private val smoothing = Smoothing()
    private val dog = floatArrayOf(0.9f, 0.1f)
    private val cat = floatArrayOf(0.1f, 0.9f)
    private val halfLifeNs = Smoothing.HALF_LIFE_NS.toLong()

    @Test
    fun `the first answer is shown as it is, and is not changed later`() {
        val shown = smoothing.add(dog, 5)
        assertArrayEquals(dog, shown, 0f)
        smoothing.add(cat, 5 + halfLifeNs)
        assertArrayEquals(floatArrayOf(0.9f, 0.1f), shown, 0f)
    }

    @Test
    fun `after one half-life a new answer counts for half`() {
        smoothing.add(dog, 0)
        assertArrayEquals(floatArrayOf(0.5f, 0.5f), smoothing.add(cat, halfLifeNs), 1e-6f)
    }

    @Test
    fun `it does not depend on how many frames come`() {
        val slow = Smoothing().apply { add(dog, 0) }.add(cat, 2 * halfLifeNs)
        smoothing.add(dog, 0)
        val fast = (1..20).map { smoothing.add(cat, it * halfLifeNs / 10) }.last()
        assertArrayEquals(slow, fast, 1e-5f)
    }

    @Test
    fun `a single odd frame among many does not win, and probabilities still sum to one`() {
        val step = halfLifeNs / 6 // 30 frames a second
        for (frame in 0L..30L) smoothing.add(dog, frame * step)
        val odd = smoothing.add(cat, 31 * step)
        assertEquals(true, odd[0] > odd[1])
        assertEquals(1f, odd.sum(), 1e-5f)
    }

    @Test
    fun `the scores of another model begin anew`() {
        smoothing.add(dog, 0)
        val other = floatArrayOf(0.2f, 0.3f, 0.5f)
        assertArrayEquals(other, smoothing.add(other, 1), 0f)
    }
}
