package app.handset

import android.os.Process
import java.io.IOException
import java.util.UUID

/**
 * How many nodes of a graph a delegate runs. Java has no call for that; the library only logs it. So this process reads
 * its own log, which needs no permission.
 */
internal class DelegateLog(private val read: () -> List<String> = ::ownLog) {
    data class Nodes(val delegated: Int, val total: Int)

    /** Write a line to the log that [since] can start from; returns its text. */
    fun mark(): String = UUID.randomUUID().toString().also { android.util.Log.i(TAG, it) }

    /** What was logged after [marker], summed over partitions; null when nothing was, or the log cannot be read. */
    fun since(marker: String): Nodes? {
        val lines = try {
            read()
        } catch (_: IOException) { // some vendors do not let apps read logs
            return null
        }
        return parse(lines.dropWhile { marker !in it })
    }

    companion object {
        private const val TAG = "handset"
        private val REPLACED = Regex("""Replacing (\d+) out of (\d+) node\(s\) with delegate \((\w*)\)""")

        /** The CPU's delegate, which takes the nodes that the accelerator left, and is logged in the same words. */
        private const val XNNPACK = "XNNPack"

        /** The accelerator's counts in [lines] of a log. */
        fun parse(lines: List<String>): Nodes? {
            val found = lines.mapNotNull { REPLACED.find(it)?.destructured }
                .filterNot { (_, _, name) -> XNNPACK in name }
            if (found.isEmpty()) return null
            val total = found.maxOf { (_, total) -> total.toInt() }
            return Nodes(found.sumOf { (delegated, _) -> delegated.toInt() }, total)
        }

        private fun ownLog(): List<String> {
            val command = listOf("logcat", "-d", "-v", "brief", "--pid=${Process.myPid()}")
            val process = ProcessBuilder(command).redirectErrorStream(true).start()
            return process.inputStream.bufferedReader().use { it.readLines() }.also { process.waitFor() }
        }
    }
}
