package app.handset.engine

import app.handset.core.EngineFactory
import app.handset.core.RuntimeInfo

/** An interpreter that this process has: TensorFlow Lite on a phone, another build of it in the tests on a JVM. */
interface Interpreter : EngineFactory {
    val info: RuntimeInfo
}
