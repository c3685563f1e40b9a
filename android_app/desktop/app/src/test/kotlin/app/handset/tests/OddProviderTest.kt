package app.handset.tests

import android.content.Intent
import android.net.Uri
import android.os.Looper
import app.handset.R
import app.handset.core.Screen
import app.handset.view.InkView
import app.handset.view.RowsView
import java.io.File
import java.io.FileNotFoundException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Pictures of another app that throws, is slow, or is asked for more than one can be shown. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class OddProviderTest {
    private val device = Device()
    private val provider = PictureProvider.install()
    private val interpreter = CountingInterpreter()
    private val photograph = PictureProvider.put("photograph.png", Photographs.bytes(Photographs.names.first()))

    @After
    fun close() = device.close()

    private fun share() = Intent(
        Intent.ACTION_SEND
    ).setType("image/png").putExtra(Intent.EXTRA_STREAM, PictureProvider.uri("photograph.png"))

    /** Share a picture without waiting for it. */
    private fun shareSlowly() {
        device.controller.newIntent(share())
        waitUntil { provider.requests.get() > 0 }
    }

    private fun waitUntil(isReached: () -> Boolean) {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20)
        while (!isReached()) {
            check(System.nanoTime() < deadline) { "it was never reached" }
            Thread.sleep(1)
        }
    }

    private val predictions get() = device.view<RowsView>(R.id.rows).predictions

    private val thrown = listOf(
        IllegalStateException("Only owner is able to interact with pending media"),
        IllegalArgumentException("Unknown URI"),
        NullPointerException("char[] java.lang.String.toCharArray()"),
        SecurityException("Permission Denial: reading com.android.providers.media.PickerProvider"),
        UnsupportedOperationException("Unsupported type"),
        FileNotFoundException("EACCES (Permission denied)")
    )
    private val answers = thrown.map<Exception, (Uri) -> File?> { { _ -> throw it } } + { null }

    @Test
    fun `whatever another app throws is one message`() {
        device.launch()
        for (answer in answers) {
            provider.answer = answer
            device.receive(share())
            assertEquals(
                "This picture cannot be read: picture: not there any more, or not for this app; choose it again",
                device.text(R.id.message)
            )
        }
    }

    @Test
    fun `whatever another app throws when it shares a model is one message, and nothing is kept`() {
        device.launch()
        for (answer in answers) {
            provider.answer = answer
            device.receive(share().setType("application/octet-stream"))
            val message = device.text(R.id.add_result)
            assertTrue(message, message.startsWith("Not added. ") && "not there any more" in message)
        }
        assertEquals(emptyList<String>(), device.application.filesDir.resolve("models").list().orEmpty().toList())
    }

    @Test
    fun `a turned phone neither loads nor decodes the picture again`() {
        device.launch(interpreter).receive(share())
        val before = predictions
        assertEquals(5, before.size)
        device.turn("+land")
        assertEquals(before, predictions)
        assertEquals(listOf(1, 1), listOf(provider.requests.get(), interpreter.runs.get()))
    }

    @Test
    fun `a phone that is turned while the picture loads shows it when it is there`() {
        val cloud = PictureProvider.Cloud(photograph)
        provider.answer = cloud
        device.launch(interpreter)
        shareSlowly()
        val before = device.activity
        device.controller.recreate()
        assertFalse(device.activity === before)
        cloud.arrive()
        device.waitUntilIdle()
        assertEquals(5, predictions.size)
        assertEquals(listOf(1, 1), listOf(provider.requests.get(), interpreter.runs.get()))
    }

    @Test
    fun `a phone that is turned while the picture waits for the model runs it once`() {
        device.launch(interpreter)
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        shareSlowly()
        waitUntil {
            shadowOf(Looper.getMainLooper()).idle()
            !device.activity.picture.isLoading
        }
        device.controller.recreate()
        free.countDown()
        device.waitUntilIdle()
        assertEquals(5, predictions.size)
        assertEquals(listOf(1, 1), listOf(provider.requests.get(), interpreter.runs.get()))
    }

    @Test
    fun `digits are read while a picture loads, and the loading can be cancelled`() {
        val cloud = PictureProvider.Cloud(photograph)
        provider.answer = cloud
        device.launch(interpreter)
        shareSlowly()
        val read = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { it.labelCount }) { read.countDown() }
        waitUntil {
            shadowOf(Looper.getMainLooper()).idle()
            read.count == 0L
        }
        assertEquals("Choose a picture", device.text(R.id.choose))
        shadowOf(Looper.getMainLooper()).idleFor(1, TimeUnit.SECONDS)
        assertEquals("Cancel", device.text(R.id.choose))
        device.tap(R.id.choose)
        assertTrue(checkNotNull(provider.signal).isCanceled)
        assertEquals("Choose a picture", device.text(R.id.choose))
        assertEquals(device.activity.getString(R.string.gallery_waiting), device.text(R.id.message))
        cloud.arrive()
        device.waitUntilIdle()
        assertEquals(0, interpreter.runs.get())
    }

    @Test
    fun `closing the app ends the loading`() {
        val cloud = PictureProvider.Cloud(photograph)
        provider.answer = cloud
        device.launch()
        shareSlowly()
        device.close()
        assertTrue(checkNotNull(provider.signal).isCanceled)
        cloud.arrive()
    }

    @Test
    fun `of ten drawings that wait for the model only the newest is classified`() {
        device.launch(interpreter)
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        val ink = device.view<InkView>(R.id.ink)
        repeat(10) { StrokeInput(ink).draw(StrokeInput.strokes(1)) }
        free.countDown()
        device.waitUntilIdle()
        assertEquals(10, ink.drawing.strokeCount)
        assertEquals(1, interpreter.runs.get())
        assertTrue(device.isShown(R.id.answer))
    }

    @Test
    fun `of ten pictures that are shared one after the other only the newest is classified`() {
        device.launch(interpreter)
        val free = CountDownLatch(1)
        device.application.classifiers.run(Screen.DIGIT, { free.await() }) {}
        repeat(10) { device.controller.newIntent(share()) }
        free.countDown()
        device.waitUntilIdle()
        assertEquals(1, interpreter.runs.get())
        assertEquals(5, predictions.size)
    }
}
