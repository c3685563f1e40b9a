package app.handset.job

import app.handset.core.Accelerator
import app.handset.core.EngineOptions
import app.handset.core.JobException
import app.handset.core.JsonFields
import java.io.File
import java.io.IOException

/** Reads `job.json`; whatever is missing, of another type or out of range is a [JobException]. */
object JobReader {
    private const val REMEDY = "write the job again"
    private const val LARGEST_JOB_BYTES = 1 shl 20
    private const val MAX_COUNT = 100_000
    private const val MAX_THREADS = 64
    private const val MAX_RUNS = 1_000_000
    private const val DAY_S = 86_400.0

    /** The job in [folder]. */
    fun read(folder: File): Job {
        val file = folder.resolve(Job.FILE)
        if (file.length() > LARGEST_JOB_BYTES) throw JobException("${Job.FILE} is too large; $REMEDY")
        val data =
            try {
                file.readBytes()
            } catch (error: IOException) {
                throw JobException("$file cannot be read; push the job again", error)
            }
        return checked(of(JsonFields.read(data, Job.FILE, REMEDY, ::JobException)))
    }

    private fun of(fields: JsonFields): Job {
        val isProbe = fields.format(Job.FORMAT, Job.PROBE_FORMAT) == Job.PROBE_FORMAT
        val inputs = fields.child("inputs")
        return Job(
            id = fields.text("id"),
            model = file(fields.child("model")),
            inputs = file(inputs),
            kind = inputs.choice("kind", if (isProbe) listOf(InputKind.TENSORS) else InputKind.entries) { it.text },
            count = inputs.int("count", 1..MAX_COUNT),
            options =
                EngineOptions(
                    fields.int("threads", 1..MAX_THREADS),
                    fields.choice("accelerator", Accelerator.entries) { it.text },
                    fields.flag("xnnpack"),
                    isProbe
                ),
            measurement = if (isProbe) null else measurement(fields)
        ).also { if (isProbe) fields.choice("mode", listOf(Job.PROBE)) }
    }

    private fun measurement(fields: JsonFields) = Measurement(
        mode = fields.choice("mode", Mode.entries) { it.text },
        round = fields.integer("round"),
        inputId = fields.optional("input_id", fields::text),
        returnFed = fields.flag("return_fed"),
        schedule = schedule(fields)
    )

    private fun file(fields: JsonFields) =
        NamedFile(fields.text("path"), fields.sha256("sha256"), fields.integer("bytes", 1..Long.MAX_VALUE))

    private fun schedule(fields: JsonFields) = Schedule(
        warmupRuns = fields.int("warmup_runs", 0..MAX_RUNS),
        warmupMinSecs = fields.number("warmup_min_secs", 0.0..DAY_S),
        numRuns = fields.int("num_runs", 0..MAX_RUNS),
        minSecs = fields.number("min_secs", 0.0..DAY_S),
        maxSecs = fields.number("max_secs", 0.0..DAY_S)
    )

    private fun checked(job: Job): Job {
        if (!Job.isId(job.id)) {
            throw JobException("job id ${job.id} is not a letter or digit and up to 63 of A-Za-z0-9._-; $REMEDY")
        }
        val measurement = job.measurement ?: return job
        when (measurement.mode) {
            Mode.EVALUATE -> if (measurement.inputId != null || measurement.schedule != Schedule.ONCE) {
                throw JobException("job ${job.id}: an evaluation has no input_id, and 0 runs and seconds; $REMEDY")
            }

            Mode.LATENCY -> if (measurement.inputId == null || !measurement.schedule.isTimed) {
                val wanted = "an input_id, at least 1 run, and at most max_secs of warm-up and of runs"
                throw JobException("job ${job.id}: a latency job needs $wanted; $REMEDY")
            }
        }
        return job
    }
}
