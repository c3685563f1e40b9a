package app.handset.tests

import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.engine.Interpreter
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger

/** A real interpreter that counts how often its models are run. */
class CountingInterpreter : Interpreter by JvmInterpreter {
    val runs = AtomicInteger()

    override fun open(model: ByteBuffer, options: EngineOptions): Engine {
        val engine = JvmInterpreter.open(model, options)
        return object : Engine by engine {
            override fun run(input: ByteBuffer, output: ByteBuffer): Long {
                runs.incrementAndGet()
                return engine.run(input, output)
            }
        }
    }
}
