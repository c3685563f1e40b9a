package com.example

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import app.handset.core.Accelerator
import app.handset.core.CatalogEntry
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.Screen
import app.handset.core.TensorInfo
import app.handset.model.Classifier
import app.handset.picture.BitmapDecoder
import app.handset.tests.Device
import app.handset.tests.JvmInterpreter
import app.handset.tests.Photographs
import java.io.File
import java.io.RandomAccessFile
import java.lang.reflect.Proxy
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.tensorflow.lite.DataType
import org.tensorflow.lite.InterpreterApi
import org.tensorflow.lite.Tensor

/** The class that docs/android.md offers to copy says what the app says. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34])
class PictureClassifierTest {
    private val options = EngineOptions(threads = 1, accelerator = Accelerator.CPU, xnnpack = true)
    private val variants = Device.ROOT.resolve("build/models/efficientnet_lite0").listFiles().orEmpty().filter {
        it.extension == "tflite"
    }

    private fun mapped(file: File): ByteBuffer = RandomAccessFile(file, "r").use {
        it.channel.map(FileChannel.MapMode.READ_ONLY, 0, it.length())
    }

    private fun copied(file: File) =
        mapped(file).let { PictureClassifier(it, interpreterOf(JvmInterpreter.open(it, options))) }

    @Test
    fun `there are variants to ask`() = assertTrue(variants.size >= 4)

    @Test
    fun `the copied class names a turned photograph as the app does`() {
        val photograph = Photographs.turned(Photographs.bytes(Photographs.names.first()), 6)
        for (file in variants) {
            val entry = CatalogEntry("efficientnet_lite0", file.name, file.name, "", Screen.GALLERY, true, null, null)
            val app = Classifier.open(entry, mapped(file), JvmInterpreter, options).use { classifier ->
                classifier.picture(photograph, "turned", BitmapDecoder()).predictions.map { it.label to it.probability }
            }
            assertEquals(app, copied(file).use { it.classify(photograph) })
        }
    }

    @Test
    fun `a bitmap gets the answer of the file that it was decoded from`() {
        val photograph = Photographs.bytes(Photographs.names.first())
        val bitmap = BitmapFactory.decodeByteArray(photograph, 0, photograph.size)
        assertEquals(Bitmap.Config.ARGB_8888, bitmap.config)
        for (file in variants) copied(file).use { assertEquals(it.classify(photograph, 3), it.classify(bitmap, 3)) }
    }
}

/** TensorFlow Lite's Java interface over the interpreter of this machine, as far as the class on the page calls it. */
private fun interpreterOf(engine: Engine): InterpreterApi = answering { name, arguments ->
    when (name) {
        "getInputTensor" -> tensorOf(engine.input)
        "getOutputTensor" -> tensorOf(engine.output)
        "run" -> engine.run(arguments[0] as ByteBuffer, arguments[1] as ByteBuffer)
        "close" -> engine.close()
        else -> error("nobody asked for $name")
    }
}

private fun tensorOf(info: TensorInfo): Tensor = answering { name, _ ->
    when (name) {
        "name" -> "tensor"

        "dataType" -> DataType.valueOf(info.type.name)

        "shape" -> (listOf(1) + info.shape).toIntArray()

        "quantizationParams" ->
            Tensor.QuantizationParams(info.quantization?.scale?.toFloat() ?: 0f, info.quantization?.zeroPoint ?: 0)

        else -> error("nobody asked for $name")
    }
}

private inline fun <reified T> answering(crossinline answer: (String, Array<out Any?>) -> Any?): T =
    Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { _, method, arguments ->
        answer(method.name, arguments.orEmpty()).takeUnless { method.returnType == Void.TYPE }
    } as T
