package com.example

import android.content.Context
import android.graphics.Bitmap
import app.handset.core.Exif
import app.handset.core.PackedModel
import app.handset.core.Preprocessor
import app.handset.core.Quantization
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.core.scores
import app.handset.core.topK
import app.handset.picture.BitmapDecoder
import app.handset.picture.Pixels
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.InterpreterApi
import org.tensorflow.lite.Tensor

/** Classifies a picture. Sizes, normalisation and labels are the model's own. For one thread at a time. */
class PictureClassifier(model: ByteBuffer, private val interpreter: InterpreterApi = Interpreter(model)) :
    AutoCloseable by interpreter {
    private val packed = PackedModel.of(model)
    private val input = describe(interpreter.getInputTensor(0), IMAGE_RANK)
    private val output = describe(interpreter.getOutputTensor(0), LABELS_RANK)
    private val labels = packed.labels(output.count)
    private val preprocessor = Preprocessor(packed.image, input)
    private val modelInput = ByteBuffer.allocateDirect(input.bytes).order(ByteOrder.nativeOrder())
    private val modelOutput = ByteBuffer.allocateDirect(output.bytes).order(ByteOrder.nativeOrder())

    /** The [count] likeliest labels of an encoded picture, turned as its EXIF says, with their probabilities. */
    fun classify(picture: ByteArray, count: Int = 5): List<Pair<String, Float>> {
        BitmapDecoder().decode(picture, "the picture", preprocessor)
        preprocessor.finish(modelInput)
        return answer(count)
    }

    /** The same for an upright, opaque ARGB_8888 bitmap, as a camera gives it. */
    fun classify(bitmap: Bitmap, count: Int = 5): List<Pair<String, Float>> {
        preprocessor.picture(Pixels.of(bitmap), bitmap.width, bitmap.height, Exif.UPRIGHT, modelInput)
        return answer(count)
    }

    private fun answer(count: Int): List<Pair<String, Float>> {
        modelInput.rewind()
        modelOutput.rewind()
        interpreter.run(modelInput, modelOutput)
        return topK(scores(modelOutput, output), count).map { labels[it.label] to it.score }
    }

    companion object {
        private const val IMAGE_RANK = 3
        private const val LABELS_RANK = 1

        /** The model in the assets, mapped and not copied; the build must not have compressed it. */
        fun fromAssets(context: Context, path: String): PictureClassifier = PictureClassifier(
            context.assets.openFd(path).use {
                it.createInputStream().channel.map(FileChannel.MapMode.READ_ONLY, it.startOffset, it.declaredLength)
            }
        )

        private fun describe(tensor: Tensor, rank: Int): TensorInfo {
            val type = TensorType.entries.find { it.name == tensor.dataType().name }
            val stored = tensor.quantizationParams()
            val quantization = Quantization(stored.scale.toDouble(), stored.zeroPoint)
            return TensorInfo.of(tensor.name(), type, tensor.shape().toList(), rank, quantization)
        }
    }
}
