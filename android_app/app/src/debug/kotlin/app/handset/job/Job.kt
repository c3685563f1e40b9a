package app.handset.job

import app.handset.core.EngineOptions

/** What a measurement does with the inputs. */
enum class Mode(val text: String) {
    /** Every input once, in the archive's order. */
    EVALUATE("evaluate"),

    /** One named input, again and again. */
    LATENCY("latency")
}

/** What the entries of an input archive are. */
enum class InputKind(val text: String) {
    /** Raw input tensors in the model's own type, preprocessed already. */
    TENSORS("tensors"),

    /** Encoded pictures, or `*.raw` pixels of the model's size. */
    IMAGES("images")
}

/** A file that a job names; [path] is absolute, or relative to the job's folder. */
data class NamedFile(val path: String, val sha256: String, val bytes: Long) {
    fun toJson(): Map<String, Any?> = mapOf("path" to path, "sha256" to sha256, "bytes" to bytes)
}

/**
 * How often a latency job runs: at least this many warm-up runs and seconds, then timed runs and seconds; of either, no
 * run begins after [maxSecs].
 */
data class Schedule(
    val warmupRuns: Int,
    val warmupMinSecs: Double,
    val numRuns: Int,
    val minSecs: Double,
    val maxSecs: Double
) {
    /** Whether a latency job can use it. */
    val isTimed: Boolean get() = numRuns >= 1 && maxSecs > 0 && maxSecs >= maxOf(warmupMinSecs, minSecs)

    companion object {
        /** The schedule of every evaluation. */
        val ONCE = Schedule(0, 0.0, 0, 0.0, 0.0)
    }
}

/** What a `handset.job/1` measures, and how. */
data class Measurement(
    val mode: Mode,
    val round: Long,
    val inputId: String?,
    val returnFed: Boolean,
    val schedule: Schedule
) {
    fun toJson(): Map<String, Any?> = mapOf(
        "mode" to mode.text,
        "round" to round,
        "input_id" to inputId,
        "return_fed" to returnFed,
        "warmup_runs" to schedule.warmupRuns,
        "warmup_min_secs" to schedule.warmupMinSecs,
        "num_runs" to schedule.numRuns,
        "min_secs" to schedule.minSecs,
        "max_secs" to schedule.maxSecs
    )
}

/**
 * One model × input archive × threads × accelerator: a `handset.job/1`, which has a [measurement], or a
 * `handset.job/2`, which has none: a probe fetches all that the model puts out for every input.
 */
data class Job(
    val id: String,
    val model: NamedFile,
    val inputs: NamedFile,
    val kind: InputKind,
    val count: Int,
    val options: EngineOptions,
    val measurement: Measurement?
) {
    /** The job as a result repeats it. */
    fun toJson(): Map<String, Any?> = mapOf(
        "format" to if (measurement == null) PROBE_FORMAT else FORMAT,
        "id" to id,
        "mode" to PROBE,
        "model" to model.toJson(),
        "inputs" to inputs.toJson() + mapOf("kind" to kind.text, "count" to count),
        "threads" to options.threads,
        "accelerator" to options.accelerator.text,
        "xnnpack" to options.xnnpack
    ) + measurement?.toJson().orEmpty()

    companion object {
        const val FILE = "job.json"
        const val FORMAT = "handset.job/1"
        const val PROBE_FORMAT = "handset.job/2"

        /** The mode of every `handset.job/2`. */
        const val PROBE = "probe"
        private val ID = Regex("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

        /** Whether [text] can be a job's id, and so the start of a file's name: never a path, an option or hidden. */
        fun isId(text: String): Boolean = ID.matches(text)
    }
}
