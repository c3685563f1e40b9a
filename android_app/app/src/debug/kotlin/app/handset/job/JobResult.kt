package app.handset.job

import app.handset.core.Acceleration
import app.handset.core.ErrorKind
import app.handset.core.RuntimeInfo

/** Why the job has no [Run], in one line. */
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
    var run: Run? = null
    var failure: Failure? = null
}

/** `handset.result/1`: what a job measured, raw. Nothing is summarised here. */
class JobResult(
    private val partial: PartialResult,
    private val host: Host,
    private val before: DeviceState,
    private val startedAt: String,
    private val durationNs: Long
) {
    /** All fields; those that are not known are null. */
    fun toJson(): Map<String, Any?> {
        val run = partial.run
        val after = known(host::state) ?: DeviceState()
        val runner = known { host.runner } ?: RunnerInfo(UNKNOWN, UNKNOWN, null)
        val runtime = known { host.runtime } ?: RuntimeInfo(UNKNOWN, UNKNOWN) // its library may not load
        return mapOf(
            "format" to "handset.result/1",
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
            "input" to run?.input?.toJson(),
            "output" to run?.output?.toJson(),
            "init_ns" to run?.let { partial.initNs },
            "warmup_ns" to run?.warmupNs,
            "memory" to mapOf("peak_bytes" to known(host::peakBytes)),
            "state_before" to before.toJson(),
            "state_after" to after.toJson(),
            "front_losses" to before.frontLosses?.let { after.frontLosses?.minus(it) },
            "started_at" to startedAt,
            "duration_ns" to durationNs,
            "inputs" to run?.inputs,
            "samples" to run?.samples,
            "blobs" to run?.blobsToJson(),
            "end" to "handset.end"
        )
    }

    private fun Run.blobsToJson(): Map<String, Any?> =
        mapOf("outputs" to outputs.toJson(), "timings" to timings.toJson(), "fed" to modelInputs?.toJson())

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
