package app.handset.tests

import app.handset.HandsetApplication
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.RuntimeInfo
import app.handset.engine.Interpreter
import app.handset.engine.TfLite
import java.nio.ByteBuffer
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** A runtime whose native library this phone does not load. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class LibraryFailureTest {
    private val application = RuntimeEnvironment.getApplication() as HandsetApplication

    private fun failure(interpreter: Interpreter): String {
        application.interpreter = interpreter
        val result = BenchmarkPhone().result()
        assertEquals("failed", result.getString("status"))
        assertEquals("unknown", result.getJSONObject("runtime").getString("version"))
        val error = result.getJSONObject("error")
        assertEquals("library-not-loaded", error.getString("kind"))
        return error.getString("message")
    }

    @Test
    fun `a library that does not load gives a failed result, again and again`() {
        // The real one, which has no native library for this computer.
        repeat(2) {
            val message = failure(TfLite)
            assertTrue(message, "no tensorflowlite_jni in java.library.path" in message)
            assertTrue(message, "for this phone's processor, or with Gradle, which takes LiteRT 1.4.0" in message)
        }
    }

    @Test
    fun `a library for smaller pages than the phone's names the build that has larger ones`() {
        val words = "dlopen failed: \"libtensorflowlite_jni.so\" program alignment (4096) cannot be smaller than " +
            "system page size (16384)"
        val first = UnsatisfiedLinkError(words)
        val again = NoClassDefFoundError("org.tensorflow.lite.Tensor").apply {
            initCause(ExceptionInInitializerError(first))
        }
        for (error in listOf(first, ExceptionInInitializerError(first), again)) {
            val message = failure(object : Interpreter {
                override val info: RuntimeInfo get() = throw error

                override fun open(model: ByteBuffer, options: EngineOptions): Engine = throw error
            })
            assertTrue(message, words in message)
            assertTrue(message, "pages of memory: build the app with Gradle, which takes LiteRT 1.4.0" in message)
        }
    }
}
