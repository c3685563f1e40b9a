package app.handset.desktop

import app.handset.core.Finished
import app.handset.core.Heartbeat
import app.handset.core.JobRunner
import app.handset.core.JsonWriter
import app.handset.core.Watch
import java.io.File
import kotlin.concurrent.thread
import kotlin.system.exitProcess

private const val USAGE = "usage: --job FOLDER --files FOLDER [--locate PATH=FILE ...]"
private const val EXIT_USAGE = 2
private const val PATIENCE_MS = 5000L

/**
 * The app's job runner on the JVM: `java -jar handset-desktop.jar --job FOLDER --files FOLDER`.
 *
 * Runs the job in one folder and leaves its result in the other. Lines of JSON on stdout say how far it is, at once and
 * every 2 seconds, and at last how it ended: `{"status": {"done": …, "total": …}}`, `{"outcome": {…}}`. With `--locate`
 * only the paths named there exist, each at its place on this machine; without, the job's paths are this machine's.
 * Ended by a signal, it leaves a result that says cancelled.
 */
fun main(arguments: Array<String>) {
    val options = Options.of(arguments.asList())
    if (options == null) {
        System.err.println(USAGE)
        exitProcess(EXIT_USAGE)
    }
    val watch = Watch()
    val worker = Thread.currentThread()
    Runtime.getRuntime().addShutdownHook(
        thread(start = false) {
            watch.cancel()
            worker.join(PATIENCE_MS)
        }
    )
    val runner = JobRunner(TfLiteEngine::open, ImageIoDecoder(), Machine())
    val finished = Heartbeat(watch) { done, total -> say("status", mapOf("done" to done, "total" to total)) }
        .use { runner.run(options.job, options.files, watch, options::locate) }
    say("outcome", outcome(finished, options.files))
}

private fun outcome(finished: Finished, files: File): Map<String, Any?> = mapOf(
    "handset_job" to finished.id,
    "handset_result" to "${files.name}/${finished.result.name}",
    "handset_sha256" to finished.sha256
)

private fun say(what: String, value: Map<String, Any?>) {
    println(JsonWriter.line(mapOf(what to value)))
    System.out.flush()
}

private class Options(val job: File, val files: File, private val places: List<String>) {
    /** Where [path] is; an empty path, where nothing is, for one that is not named. */
    fun locate(path: String): File {
        if (places.isEmpty()) return job.resolve(path)
        return File(places.firstOrNull { it.startsWith("$path=") }?.removePrefix("$path=").orEmpty())
    }

    companion object {
        /** Null for arguments that mean nothing. */
        fun of(arguments: List<String>): Options? {
            val pairs = arguments.chunked(2).map { it.first() to it.getOrNull(1) }
            if (pairs.any { (name, value) ->
                    value == null || name !in setOf("--job", "--files", "--locate")
                }
            ) {
                return null
            }
            fun values(option: String) = pairs.mapNotNull { (name, value) -> value.takeIf { name == option } }
            val job = values("--job").singleOrNull() ?: return null
            val files = values("--files").singleOrNull() ?: return null
            return Options(File(job), File(files), values("--locate"))
        }
    }
}
