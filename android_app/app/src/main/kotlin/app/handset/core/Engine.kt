package app.handset.core

import java.nio.ByteBuffer

/** The hardware, or interface to it, that a model can run on. */
enum class Accelerator(val text: String) {
    CPU("cpu"),
    GPU("gpu"),
    NNAPI("nnapi")
}

/**
 * The accelerator that was asked for, the one that was obtained, and the [reason] where they differ. Node counts are
 * those of the model's graph, [partitions] its parts between which data changes hands; null where not known.
 */
data class Acceleration(
    val asked: Accelerator,
    val obtained: Accelerator,
    val delegatedNodes: Int?,
    val totalNodes: Int?,
    val reason: String?,
    val partitions: Int? = null
) {
    fun toJson(): Map<String, Any?> = mapOf(
        "asked" to asked.text,
        "obtained" to obtained.text,
        "delegated_nodes" to delegatedNodes,
        "total_nodes" to totalNodes,
        "reason" to reason,
        "partitions" to partitions
    )
}

/** The interpreter's name and version. */
data class RuntimeInfo(val name: String, val version: String)

/**
 * How to run a model; [threads] are the interpreter's, [xnnpack] says whether the CPU may use XNNPACK. A probe
 * ([isProbe]) is a classifier that puts out tensors in between too, after its scores.
 */
data class EngineOptions(
    val threads: Int,
    val accelerator: Accelerator,
    val xnnpack: Boolean,
    val isProbe: Boolean = false
) {
    /** [ModelException] where a model with so many [inputs] and [outputs] is not what is to be run. */
    fun check(inputs: Int, outputs: Int) {
        val most = if (isProbe) Int.MAX_VALUE else 1
        if (inputs == 1 && outputs in 1..most) return
        throw ModelException(
            "the model has $inputs inputs and $outputs outputs, not one of each; take a classifier",
            null,
            ModelProblem.NO_CLASSIFIER
        )
    }
}

/** A loaded model with its memory: one image in, one score a label out. For one thread at a time. */
interface Engine : AutoCloseable {
    val input: TensorInfo
    val output: TensorInfo

    /** All that the model puts out, [output] first; [ModelException] where the interpreter cannot hand it out. */
    val outputs: List<OutputTensor>
    val acceleration: Acceleration

    /**
     * Run on the tensor in [input] and write the raw output to the start of [output]; returns the nanoseconds it took.
     *
     * Both buffers are direct, in native order, and as large as their tensors; their positions are ignored.
     * [InputException] when the interpreter refuses, [AcceleratorException] when the accelerator gives up.
     */
    fun run(input: ByteBuffer, output: ByteBuffer): Long

    /** The same, and all of [outputs] are written, each to a buffer of its own. */
    fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long
}

/** Loads models. */
fun interface EngineFactory {
    /**
     * The engine for the whole `.tflite` file in [model], which has to stay as it is until the engine is closed.
     *
     * [ModelException] when the interpreter does not load it. An accelerator that cannot be had is no error: the CPU
     * runs the model, and [Engine.acceleration] says why.
     */
    fun open(model: ByteBuffer, options: EngineOptions): Engine
}
