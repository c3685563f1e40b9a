package app.handset

import android.os.Process
import java.io.IOException
import java.util.UUID

/**
 * How many nodes of a graph a delegate runs. Java has no call for that; the library only logs it. So this process reads
 * its own log, which needs no permission.
 */
internal class DelegateLog(private val read: () -> List<String> = ::ownLog) {
    /** Of all graphs of a model; [partitions] are the accelerator's and the others, null where the log has none. */
    data class Nodes(val delegated: Int, val total: Int, val partitions: Int?)

    /** Write a line to the log that [since] can start from; returns its text. */
    fun mark(): String = UUID.randomUUID().toString().also { android.util.Log.i(TAG, it) }

    /** What was logged after [marker], summed over graphs; null when nothing was, or the log cannot be read. */
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

        /**
         * `Subgraph::ReplaceNodeSubsetsWithDelegateKernels` in LiteRT's tflite/core/subgraph.cc, and older words of it.
         * It says nothing where a delegate takes no node of a graph.
         */
        private val REPLACED = Regex(
            """Replacing (\d+) out of (\d+) node\(s\) with delegate \((\w*)\)""" +
                """(?: node, yielding (\d+) partitions for (?:the whole graph|subgraph (\d+)))?"""
        )

        /** The CPU's delegate, which takes the nodes that the accelerator left, and is logged in the same words. */
        private const val XNNPACK = "XNNPack"

        /** The accelerator's counts in [lines] of a log. */
        fun parse(lines: List<String>): Nodes? {
            val graphs = lines.mapNotNull { REPLACED.find(it)?.let(::Division) }.filter { it.isOfAccelerator }
                .groupBy { it.graph }.values
            if (graphs.isEmpty()) return null
            val partitions = graphs.map { it.last().partitions }
            return Nodes(
                delegated = graphs.flatten().sumOf { it.delegated },
                // Whoever divides a graph again finds fewer nodes: what was taken is one node now.
                total = graphs.sumOf { divisions -> divisions.maxOf { it.total } },
                partitions = partitions.filterNotNull().takeIf { it.size == partitions.size }?.sum()
            ).takeIf { it.delegated <= it.total }
        }

        private fun ownLog(): List<String> {
            val command = listOf("logcat", "-d", "-v", "brief", "--pid=${Process.myPid()}")
            val process = ProcessBuilder(command).redirectErrorStream(true).start()
            return process.inputStream.bufferedReader().use { it.readLines() }.also { process.waitFor() }
        }
    }

    /** One line of the log: how a delegate divided a graph. */
    private class Division(line: MatchResult) {
        private val groups = line.groupValues
        val delegated = groups[1].toInt()
        val total = groups[2].toInt()
        val isOfAccelerator = XNNPACK !in groups[3]
        val partitions = groups[4].toIntOrNull()
        val graph = groups[5]
    }
}
