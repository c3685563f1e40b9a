package app.handset

import android.util.Log
import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.TensorInfo
import app.handset.core.TensorType
import java.io.IOException
import java.nio.ByteBuffer
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowLog

/** How a benchmark learns how many nodes an accelerator took. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class DelegateLogTest {
    private var reads = 0
    private val log = DelegateLog {
        reads++
        ShadowLog.getLogs().map { "I/${it.tag} (12): ${it.msg}" }
    }

    /** Loads nothing, and logs what TensorFlow Lite logs of a delegate. */
    private class LoggingEngine(override val acceleration: Acceleration) : Engine {
        override val input = TensorInfo(TensorType.FLOAT32, listOf(1, 1, 1), null)
        override val output = TensorInfo(TensorType.FLOAT32, listOf(1), null)
        override val outputs get() = error("never asked for here")

        init {
            Log.i("tflite", GPU)
            Log.i("tflite", REST)
        }

        override fun run(input: ByteBuffer, output: ByteBuffer): Long = error("never run here")

        override fun run(input: ByteBuffer, outputs: List<ByteBuffer>): Long = error("never run here")

        override fun close() = Unit
    }

    private fun open(asked: Accelerator, obtained: Accelerator, log: DelegateLog = this.log): Engine {
        val engines = CountedNodes({ _, options ->
            LoggingEngine(Acceleration(options.accelerator, obtained, null, null, null))
        }, log)
        return engines.open(ByteBuffer.allocate(0), EngineOptions(1, asked, true))
    }

    private val Engine.nodes get() = acceleration.run { Triple(delegatedNodes, totalNodes, partitions) }

    @Test
    fun `an accelerated engine says how many nodes were taken since it was opened, in one reading of the log`() {
        Log.i("tflite", "Replacing 3 out of 3 node(s) with delegate (TfLiteGpuDelegateV2) node, of a model before")
        val engine = open(Accelerator.GPU, Accelerator.GPU)
        assertEquals("not before it is asked: loading is timed", 0, reads)
        assertEquals(Triple(31, 34, 3), engine.nodes)
        assertEquals(Triple(31, 34, 3), engine.nodes)
        assertEquals(1, reads)
    }

    @Test
    fun `an engine on the CPU reads no log, whatever was asked for`() {
        for (asked in listOf(Accelerator.CPU, Accelerator.GPU)) {
            assertEquals(UNKNOWN, open(asked, Accelerator.CPU).nodes)
        }
        assertEquals(0, reads)
    }

    @Test
    fun `a log that cannot be read leaves the numbers unknown`() {
        val refusing = DelegateLog { throw IOException("logcat: Permission denied") }
        assertEquals(UNKNOWN, open(Accelerator.GPU, Accelerator.GPU, refusing).nodes)
    }

    @Test
    fun `what the CPU took is not the accelerator's`() {
        assertEquals(DelegateLog.Nodes(31, 34, 3), DelegateLog.parse(listOf(GPU, REST)))
        assertNull(DelegateLog.parse(listOf("I/tflite (12): Created TensorFlow Lite delegate for GPU.")))
        assertNull(DelegateLog.parse(listOf(REST)))
    }

    @Test
    fun `graphs are added up, and of a graph that was divided twice the last division counts`() {
        val second = GPU.replace("subgraph 0", "subgraph 1 (decode)").replace("yielding 3", "yielding 1")
        assertEquals(DelegateLog.Nodes(62, 68, 4), DelegateLog.parse(listOf(GPU, second, REST)))
        val again = "Replacing 2 out of 4 node(s) with delegate (TfLiteGpuDelegateV2) node, " +
            "yielding 4 partitions for subgraph 0."
        assertEquals(DelegateLog.Nodes(33, 34, 4), DelegateLog.parse(listOf(GPU, again)))
    }

    @Test
    fun `older words say the same, or nothing of partitions`() {
        val whole = GPU.replace("subgraph 0", "the whole graph")
        assertEquals(DelegateLog.Nodes(31, 34, 3), DelegateLog.parse(listOf(whole)))
        val short = GPU.substringBefore(", yielding")
        assertEquals(DelegateLog.Nodes(31, 34, null), DelegateLog.parse(listOf(short)))
        assertNull("graphs that are not told apart", DelegateLog.parse(listOf(short, short)))
    }

    private companion object {
        const val GPU = "Replacing 31 out of 34 node(s) with delegate (TfLiteGpuDelegateV2) node, " +
            "yielding 3 partitions for subgraph 0."
        const val REST = "Replacing 3 out of 4 node(s) with delegate (TfLiteXNNPackDelegate) node, " +
            "yielding 2 partitions for subgraph 0."
        val UNKNOWN = Triple(null, null, null)
    }
}
