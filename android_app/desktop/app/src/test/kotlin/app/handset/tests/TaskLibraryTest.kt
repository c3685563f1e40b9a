package app.handset.tests

import app.handset.core.Accelerator
import app.handset.core.CatalogEntry
import app.handset.core.EngineOptions
import app.handset.model.Classifier
import app.handset.picture.BitmapDecoder
import java.nio.ByteBuffer
import org.json.JSONObject
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/**
 * Models that Google's own writer packed, without any file of the kit, on real pictures: the app's answers are those of
 * Google's Task Library, which `python -m tests.android.task_library` asked before.
 */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class TaskLibraryTest {
    private fun compare(variant: String) {
        val folder = Device.ROOT.resolve("build/apk/task_library")
        assumeTrue("Google's Task Library is for Linux on x86_64", folder.isDirectory)
        val expected = JSONObject(folder.resolve("$variant.json").readText())
        val file = folder.resolve("$variant.tflite").readBytes()
        val model = ByteBuffer.allocateDirect(file.size).put(file).flip() as ByteBuffer
        val entry = CatalogEntry.uncatalogued("$variant.tflite", isAdded = true) { model }
        val options = EngineOptions(threads = 2, Accelerator.CPU, xnnpack = true)
        Classifier.open(entry, model, JvmInterpreter, options).use { classifier ->
            val same = expected.keys().asSequence().count { name ->
                val answer = classifier.picture(Photographs.bytes(name), name, BitmapDecoder())
                answer.predictions.first().label == expected.getString(name)
            }
            assertTrue("$same of ${expected.length()}", expected.length() == PICTURES && same >= LEAST)
        }
    }

    @Test
    fun `a float model that Google's writer packed answers as the Task Library does`() = compare("fp32")

    @Test
    fun `an 8-bit model that Google's writer packed answers as the Task Library does`() = compare("int8")

    private companion object {
        const val PICTURES = 100
        const val LEAST = 97
    }
}
