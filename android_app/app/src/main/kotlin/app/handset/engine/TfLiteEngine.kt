package app.handset.engine

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.AcceleratorException
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.InputException
import app.handset.core.PackedModel
import app.handset.core.Quantization
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import java.nio.ByteBuffer
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.Interpreter as TfLiteInterpreter
import org.tensorflow.lite.Tensor

/** One interpreter with its delegate, which it closes. */
class TfLiteEngine(
    model: ByteBuffer,
    private val options: EngineOptions,
    private val delegate: Delegate?,
    override val acceleration: Acceleration
) : Engine {
    private val interpreter = TfLiteInterpreter(model, interpreterOptions())

    override val input: TensorInfo
    override val output: TensorInfo

    init {
        var complete = false
        try {
            PackedModel.of(model).openShape?.let { interpreter.resizeInput(0, it.toIntArray(), true) }
            interpreter.allocateTensors()
            input = describe("input", interpreter.getInputTensor(0), IMAGE_RANK)
            output = describe("output", interpreter.getOutputTensor(0), LABELS_RANK)
            complete = true
        } finally { // nothing may leak, whatever is wrong with the model
            if (!complete) interpreter.close()
        }
    }

    private fun interpreterOptions() = TfLiteInterpreter.Options().apply {
        setNumThreads(options.threads)
        setUseXNNPACK(options.xnnpack)
        if (delegate != null) addDelegate(delegate)
    }

    override fun run(input: ByteBuffer, output: ByteBuffer): Long {
        input.rewind()
        output.rewind()
        val started = System.nanoTime()
        try {
            interpreter.run(input, output)
        } catch (error: IllegalArgumentException) {
            throw failed(error)
        } catch (error: IllegalStateException) {
            throw failed(error)
        }
        return System.nanoTime() - started
    }

    private fun failed(error: RuntimeException) = if (acceleration.obtained == Accelerator.CPU) {
        InputException("the interpreter refused the input: ${error.firstLine()}", error)
    } else {
        val name = acceleration.obtained.text
        AcceleratorException("$name gave up: ${error.firstLine()}; ask for another accelerator", error)
    }

    override fun close() {
        interpreter.close()
        delegate?.close()
    }

    private companion object {
        const val IMAGE_RANK = 3
        const val LABELS_RANK = 1

        fun describe(name: String, tensor: Tensor, rank: Int): TensorInfo {
            val stored = tensor.quantizationParams()
            val quantization = Quantization(stored.scale.toDouble(), stored.zeroPoint)
            return TensorInfo.of(name, typeOf(tensor.dataType()), tensor.shape().toList(), rank, quantization)
        }

        fun typeOf(type: DataType): TensorType? = when (type) {
            DataType.FLOAT32 -> TensorType.FLOAT32
            DataType.UINT8 -> TensorType.UINT8
            DataType.INT8 -> TensorType.INT8
            else -> null
        }
    }
}
