package app.handset

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.Engine
import app.handset.core.EngineFactory
import app.handset.core.EngineOptions
import java.nio.ByteBuffer

/** Those of [engines] that run on an accelerator say what it took of the graph, as far as [log] knows. */
internal class CountedNodes(private val engines: EngineFactory, private val log: DelegateLog = DelegateLog()) :
    EngineFactory {
    override fun open(model: ByteBuffer, options: EngineOptions): Engine {
        if (options.accelerator == Accelerator.CPU) return engines.open(model, options)
        val marker = log.mark()
        val engine = engines.open(model, options)
        return object : Engine by engine {
            /** Read when it is asked for first: reading a log takes long, and loading a model is timed. */
            override val acceleration by lazy { counted(engine.acceleration, marker) }
        }
    }

    private fun counted(known: Acceleration, marker: String): Acceleration {
        if (known.obtained == Accelerator.CPU) return known
        val nodes = log.since(marker) ?: return known
        return known.copy(delegatedNodes = nodes.delegated, totalNodes = nodes.total, partitions = nodes.partitions)
    }
}
