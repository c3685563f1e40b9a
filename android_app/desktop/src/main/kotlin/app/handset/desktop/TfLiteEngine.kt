package app.handset.desktop

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.ElementType
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.ModelProblem
import app.handset.core.OutputTensor
import app.handset.core.PackedModel
import app.handset.core.Quantization
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import java.lang.ref.Reference
import java.nio.ByteBuffer
import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.BuiltinOpResolver
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithoutDefaultDelegates
import org.bytedeco.tensorflowlite.FlatBufferModel
import org.bytedeco.tensorflowlite.FlatBufferModelBase
import org.bytedeco.tensorflowlite.Interpreter
import org.bytedeco.tensorflowlite.InterpreterBuilder
import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteVersion
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteBool
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteFloat32
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt16
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt32
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt64
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt8
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteOk
import org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteUInt8

/** TensorFlow Lite on this machine's CPU, natively, behind the app's own interface. */
class TfLiteEngine private constructor(
    private val file: ByteBuffer,
    private val model: FlatBufferModel,
    options: EngineOptions
) : Engine {
    private val resolver =
        if (options.xnnpack) BuiltinOpResolver() else BuiltinOpResolverWithoutDefaultDelegates()
    private val interpreter = Interpreter(null as Pointer?)
    private val inputTensor: TfLiteTensor
    private val outputTensors: List<TfLiteTensor>
    override val input: TensorInfo
    override val output: TensorInfo
    override val outputs: List<OutputTensor> by lazy { outputTensors.map(::outputOf) }
    override val acceleration: Acceleration

    init {
        InterpreterBuilder(model, resolver).use { builder ->
            if (builder.apply(interpreter, options.threads) != kTfLiteOk) {
                refuse("TensorFlow Lite does not build it", ModelProblem.TOO_NEW)
            }
        }
        val nodes = interpreter.nodes_size().toInt()
        options.check(interpreter.inputs().limit().toInt(), interpreter.outputs().limit().toInt())
        PackedModel.of(file).openShape?.let { shape ->
            if (interpreter.ResizeInputTensorStrict(interpreter.inputs().get(), shape.toIntArray()) != kTfLiteOk) {
                refuse("TensorFlow Lite does not give its input one size")
            }
        }
        if (interpreter.AllocateTensors() != kTfLiteOk) refuse("TensorFlow Lite does not allocate its tensors")
        inputTensor = interpreter.input_tensor(0)
        outputTensors = List(interpreter.outputs().limit().toInt()) { interpreter.output_tensor(it.toLong()) }
        input = infoOf("input", inputTensor, IMAGE_RANK)
        output = infoOf("output", outputTensors.first(), LABELS_RANK)
        val asked = options.accelerator
        val reason = if (asked == Accelerator.CPU) null else "this machine's interpreter has no ${asked.text} delegate"
        acceleration = Acceleration(asked, Accelerator.CPU, 0, nodes, reason)
    }

    override fun run(input: ByteBuffer, output: ByteBuffer): Long = run(input, listOf(output))

    override fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long {
        Pointer.memcpy(inputTensor.data().data(), startOf(input), this.input.bytes.toLong())
        val began = System.nanoTime()
        if (interpreter.Invoke() != kTfLiteOk) throw InputException("TensorFlow Lite does not run it; run it alone")
        val tookNs = System.nanoTime() - began
        outputs.zip(outputTensors) { buffer, tensor -> copy(tensor, buffer) }
        return tookNs
    }

    private fun copy(tensor: TfLiteTensor, to: ByteBuffer) {
        if (tensor.bytes() != to.capacity().toLong()) {
            throw InputException("output ${nameOf(tensor)} has another size than before; make the probe without it")
        }
        Pointer.memcpy(startOf(to), tensor.data().data(), tensor.bytes())
    }

    override fun close() {
        interpreter.close()
        resolver.close()
        model.close()
        // The interpreter reads its weights from the file, which is unmapped when nothing refers to it any more.
        Reference.reachabilityFence(file)
    }

    companion object {
        /** TensorFlow Lite's own name for what runs here. */
        val version: String get() = TfLiteVersion().string

        /** The model in [file], a direct buffer; [ModelException] when TensorFlow Lite does not load it. */
        fun open(file: ByteBuffer, options: EngineOptions): TfLiteEngine {
            val bytes = file.limit().toLong()
            val model = FlatBufferModelBase.VerifyAndBuildFromBuffer(startOf(file), bytes)
            return TfLiteEngine(
                file,
                model ?: refuse("it is no model, or a damaged one", ModelProblem.DAMAGED),
                options
            )
        }

        private const val IMAGE_RANK = 3
        private const val LABELS_RANK = 1

        private fun startOf(buffer: ByteBuffer): BytePointer = BytePointer(buffer.duplicate().rewind())

        private fun infoOf(name: String, tensor: TfLiteTensor, rank: Int): TensorInfo {
            val type = TensorType.entries.find { it.name == typeOf(tensor)?.name }
            return TensorInfo.of(name, type, shapeOf(tensor), rank, quantizationOf(tensor))
        }

        private fun outputOf(tensor: TfLiteTensor) =
            OutputTensor.of(nameOf(tensor), typeOf(tensor), shapeOf(tensor), quantizationOf(tensor))

        private fun nameOf(tensor: TfLiteTensor) = tensor.name().getString(Charsets.UTF_8)

        private fun shapeOf(tensor: TfLiteTensor) = List(tensor.dims().size()) { tensor.dims().data(it) }

        private fun quantizationOf(tensor: TfLiteTensor) =
            tensor.params().let { Quantization(it.scale().toDouble(), it.zero_point()) }

        private fun typeOf(tensor: TfLiteTensor): ElementType? = when (tensor.type()) {
            kTfLiteFloat32 -> ElementType.FLOAT32
            kTfLiteUInt8 -> ElementType.UINT8
            kTfLiteInt8 -> ElementType.INT8
            kTfLiteInt16 -> ElementType.INT16
            kTfLiteInt32 -> ElementType.INT32
            kTfLiteInt64 -> ElementType.INT64
            kTfLiteBool -> ElementType.BOOL
            else -> null
        }

        private fun refuse(why: String, problem: ModelProblem = ModelProblem.OTHER): Nothing = throw ModelException(
            "the model cannot be run: $why; convert it for TensorFlow Lite $version",
            null,
            problem
        )
    }
}
