package app.handset.tests

import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.RuntimeInfo
import app.handset.desktop.TfLiteEngine
import app.handset.engine.Interpreter
import java.nio.ByteBuffer

/** TensorFlow Lite natively on this machine: real models, real answers. */
object JvmInterpreter : Interpreter {
    override val info: RuntimeInfo get() = RuntimeInfo("tensorflow-lite", TfLiteEngine.version)

    override fun open(model: ByteBuffer, options: EngineOptions): Engine = TfLiteEngine.open(model, options)
}
