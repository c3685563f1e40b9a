package app.handset.engine

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.AcceleratorException
import app.handset.core.ElementType
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.OutputTensor
import app.handset.core.PackedModel
import app.handset.core.Quantization
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import app.handset.core.toStart
import java.nio.ByteBuffer
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
    override val outputs: List<OutputTensor> by lazy { List(interpreter.outputTensorCount, ::outputTensor) }

    init {
        var complete = false
        try {
            options.check(interpreter.inputTensorCount, interpreter.outputTensorCount)
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

    private fun outputTensor(index: Int): OutputTensor {
        val tensor = try {
            interpreter.getOutputTensor(index)
        } catch (error: IllegalArgumentException) { // its type is none of Java's
            throw ModelException("output $index cannot be had: ${error.firstLine()}; make the probe without it", error)
        }
        val type = ElementType.entries.find { it.name == tensor.dataType().name }
        return OutputTensor.of(tensor.name(), type, tensor.shape().toList(), quantizationOf(tensor))
    }

    override fun run(input: ByteBuffer, output: ByteBuffer): Long {
        output.toStart()
        return timed(input) { interpreter.run(input, output) }
    }

    override fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long {
        outputs.forEach(ByteBuffer::toStart)
        val all = outputs.indices.associateWith<Int, Any>(outputs::get)
        val tookNs = timed(input) { interpreter.runForMultipleInputsOutputs(arrayOf(input), all) }
        outputs.indexOfFirst(ByteBuffer::hasRemaining).takeIf { it >= 0 }?.let {
            throw InputException(
                "output ${this.outputs[it].name} has another size than before; make the probe without it"
            )
        }
        return tookNs
    }

    private inline fun timed(input: ByteBuffer, invoke: () -> Unit): Long {
        input.toStart()
        val started = System.nanoTime()
        try {
            invoke()
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
            val type = TensorType.entries.find { it.name == tensor.dataType().name }
            return TensorInfo.of(name, type, tensor.shape().toList(), rank, quantizationOf(tensor))
        }

        fun quantizationOf(tensor: Tensor) =
            tensor.quantizationParams().let { Quantization(it.scale.toDouble(), it.zeroPoint) }
    }
}
