package app.handset.job

import app.handset.core.Acceleration
import app.handset.core.ErrorKind
import app.handset.core.OutputTensor
import app.handset.core.RuntimeInfo

/** What a successful job gave: the [Run] of a measurement, or what a probe fetched. */
sealed interface Given

/** Why the job has nothing [Given], in one line. */
class Failure(val kind: ErrorKind, val message: String) {
    fun toJson(): Map<String, Any?> = mapOf("kind" to kind.text, "message" to message)
}

/** What is known of a job so far; null is what it has not reached. */
class PartialResult {
    var job: Job? = null
    var modelSha256: String? = null
    var inputsSha256: String? = null
    var acceleration: Acceleration? = null
    var initNs: Long? = null
    var given: Given? = null
    var failure: Failure? = null
}

/** `handset.result/1` or `/2`: what a job measured or fetched, raw. Nothing is summarised here. */
class JobResult(
    private val partial: PartialResult,
    private val host: Host,
    private val before: DeviceState,
    private val startedAt: String,
    private val durationNs: Long
) {
    /** All fields; those that are not known are null. */
    fun toJson(): Map<String, Any?> {
        val isProbe = partial.job?.let { it.measurement == null } ?: false
        val after = known(host::state) ?: DeviceState()
        val runner = known { host.runner } ?: RunnerInfo(UNKNOWN, UNKNOWN, null)
        val runtime = known { host.runtime } ?: RuntimeInfo(UNKNOWN, UNKNOWN) // its library may not load
        return mapOf(
            "format" to if (isProbe) "handset.result/2" else "handset.result/1",
            "job" to partial.job?.toJson(),
            "status" to if (partial.failure == null) "ok" else "failed",
            "error" to partial.failure?.toJson(),
            "runner" to runner.toJson(),
            "virtual" to (known { host.isVirtual } ?: true),
            "device" to (known { host.device } ?: DeviceInfo()).toJson(),
            "runtime" to mapOf("name" to runtime.name, "version" to runtime.version),
            "accelerator" to partial.acceleration?.toJson(),
            "model_sha256" to partial.modelSha256,
            "inputs_sha256" to partial.inputsSha256,
            "init_ns" to partial.given?.let { partial.initNs },
            "memory" to mapOf("peak_bytes" to known(host::peakBytes)),
            "state_before" to before.toJson(),
            "state_after" to after.toJson(),
            "front_losses" to before.frontLosses?.let { after.frontLosses?.minus(it) },
            "started_at" to startedAt,
            "duration_ns" to durationNs
        ) + (if (isProbe) fields(partial.given as? Probed) else fields(partial.given as? Run)) +
            ("end" to "handset.end")
    }

    private fun fields(run: Run?): Map<String, Any?> = mapOf(
        "input" to run?.input?.toJson(),
        "output" to run?.output?.toJson(),
        "warmup_ns" to run?.warmupNs,
        "inputs" to run?.inputs,
        "samples" to run?.samples,
        "blobs" to run?.run {
            mapOf("outputs" to outputs.toJson(), "timings" to timings.toJson(), "fed" to modelInputs?.toJson())
        }
    )

    private fun fields(probed: Probed?): Map<String, Any?> = mapOf(
        "inputs" to probed?.inputs,
        "tensors" to probed?.tensors?.map(OutputTensor::toJson),
        "blobs" to probed?.let { mapOf(ProbeExecution.VALUES to it.values.toJson()) }
    )

    private fun RunnerInfo.toJson(): Map<String, Any?> =
        mapOf("name" to name, "version" to version, "debuggable" to debuggable)

    private fun DeviceInfo.toJson(): Map<String, Any?> = mapOf(
        "manufacturer" to manufacturer,
        "model" to model,
        "soc" to soc,
        "android" to android,
        "sdk" to sdk,
        "abi" to abi,
        "fingerprint" to fingerprint,
        "page_bytes" to pageBytes
    )

    private fun DeviceState.toJson(): Map<String, Any?> = mapOf(
        "battery_percent" to batteryPercent,
        "battery_celsius" to batteryCelsius,
        "thermal_status" to thermalStatus,
        "in_front" to inFront,
        "screen_on" to screenOn
    )

    private companion object {
        const val UNKNOWN = "unknown"
    }
}
