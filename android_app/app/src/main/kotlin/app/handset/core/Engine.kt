package app.handset.core

import java.nio.ByteBuffer

/** What a model is asked to run on. */
enum class Accelerator(val text: String) {
    CPU("cpu"),
    GPU("gpu"),
    NNAPI("nnapi")
}

/** What was asked for, what it became, and why not what was asked. Nodes are the graph's; null where not known. */
data class Acceleration(
    val asked: Accelerator,
    val obtained: Accelerator,
    val delegatedNodes: Int?,
    val totalNodes: Int?,
    val reason: String?
) {
    fun toJson(): Map<String, Any?> = mapOf(
        "asked" to asked.text,
        "obtained" to obtained.text,
        "delegated_nodes" to delegatedNodes,
        "total_nodes" to totalNodes,
        "reason" to reason
    )
}

/** How a model shall run: interpreter [threads], and whether the CPU may use XNNPACK. */
data class EngineOptions(val threads: Int, val accelerator: Accelerator, val xnnpack: Boolean)

/** A model, loaded and allocated: one image in, one score a label out. For one thread at a time. */
interface Engine : AutoCloseable {
    val input: TensorInfo
    val output: TensorInfo
    val acceleration: Acceleration

    /**
     * Run on what is in [input], and write the raw answer to the start of [output]; the nanoseconds of the invocation.
     *
     * Both are direct, in native order, and as large as their tensors; positions do not count. [InputException] when
     * the interpreter refuses, [AcceleratorException] when the accelerator gives up.
     */
    fun run(input: ByteBuffer, output: ByteBuffer): Long
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
