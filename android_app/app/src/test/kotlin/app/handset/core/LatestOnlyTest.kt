package app.handset.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class LatestOnlyTest {
    private class Frame(val number: Int) : AutoCloseable {
        var isClosed = false
            private set

        override fun close() {
            check(!isClosed) { "frame $number is closed twice" }
            isClosed = true
        }
    }

    private val frames = List(10, ::Frame)
    private val latest = LatestOnly<Frame>()

    @Test
    fun `a slow consumer sees only the newest, and what it does not see is closed and counted`() {
        val seen = frames.chunked(5).map { burst ->
            burst.forEach(latest::offer)
            latest.take()
        }
        assertEquals(listOf(4, 9), seen.map { it?.number })
        assertEquals(8, latest.dropped)
        assertEquals(frames - seen.toSet(), frames.filter { it.isClosed })
    }

    @Test
    fun `a fast consumer sees every frame once, and closes it itself`() {
        for (frame in frames) {
            latest.offer(frame)
            assertTrue(latest.take() === frame)
            assertNull(latest.take())
        }
        assertEquals(0, latest.dropped)
        assertFalse(frames.any { it.isClosed })
    }

    @Test
    fun `what nobody took is closed at the end, once`() {
        latest.offer(frames[0])
        latest.close()
        latest.close()
        assertTrue(frames[0].isClosed)
        assertNull(latest.take())
    }
}
