package app.handset.desktop

import app.handset.job.Heartbeat
import app.handset.job.JobOutcome
import app.handset.job.JobProgress
import app.handset.job.JobRunner
import app.handset.job.JsonWriter
import java.io.File
import kotlin.concurrent.thread
import kotlin.system.exitProcess

private const val USAGE = "usage: --job FOLDER --files FOLDER [--locate PATH=FILE ...]"
private const val EXIT_USAGE = 2
private const val PATIENCE_MS = 5000L

/**
 * The app's job runner on the JVM: `java -jar handset-desktop.jar --job FOLDER --files FOLDER`.
 *
 * Runs the job in one folder and writes its result to the other. Lines of JSON on stdout say how far it is, at once and
 * every 2 seconds, and at last how it ended: `{"status": {"done": …, "total": …}}`, `{"outcome": {…}}`. With `--locate`
 * only the paths named there exist, each at its place on this machine; without, the job's paths are this machine's.
 * When a signal ends it, the result says that the job was cancelled.
 */
fun main(arguments: Array<String>) {
    val options = Options.of(arguments.asList())
    if (options == null) {
        System.err.println(USAGE)
        exitProcess(EXIT_USAGE)
    }
    val progress = JobProgress()
    val worker = Thread.currentThread()
    Runtime.getRuntime().addShutdownHook(
        thread(start = false) {
            progress.cancel()
            worker.join(PATIENCE_MS)
        }
    )
    val runner = JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost())
    val outcome = Heartbeat(progress) { done, total -> printLine("status", mapOf("done" to done, "total" to total)) }
        .use { runner.run(options.job, options.files, progress, options::locate) }
    printLine("outcome", outcomeJson(outcome, options.files))
}

private fun outcomeJson(outcome: JobOutcome, files: File): Map<String, Any?> = mapOf(
    "handset_job" to outcome.id,
    "handset_result" to "${files.name}/${outcome.result.name}",
    "handset_sha256" to outcome.sha256
)

private fun printLine(name: String, value: Map<String, Any?>) {
    println(JsonWriter.line(mapOf(name to value)))
    System.out.flush()
}

private class Options(val job: File, val files: File, private val places: List<String>) {
    /** The file of [path] on this machine; an empty path, which is no file, where it is not named. */
    fun locate(path: String): File {
        if (places.isEmpty()) return job.resolve(path)
        return File(places.firstOrNull { it.startsWith("$path=") }?.removePrefix("$path=").orEmpty())
    }

    companion object {
        /** The options; null when they cannot be understood. */
        fun of(arguments: List<String>): Options? {
            val pairs = arguments.chunked(2).map { it.first() to it.getOrNull(1) }
            val known = setOf("--job", "--files", "--locate")
            if (pairs.any { (name, value) -> value == null || name !in known }) return null
            fun values(option: String) = pairs.mapNotNull { (name, value) -> value.takeIf { name == option } }
            val job = values("--job").singleOrNull() ?: return null
            val files = values("--files").singleOrNull() ?: return null
            return Options(File(job), File(files), values("--locate"))
        }
    }
}
