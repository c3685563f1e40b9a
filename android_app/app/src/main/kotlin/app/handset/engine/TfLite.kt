package app.handset.engine

import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.LibraryException
import app.handset.core.ModelException
import app.handset.core.ModelProblem
import app.handset.core.RuntimeInfo
import java.nio.ByteBuffer
import org.tensorflow.lite.TensorFlowLite

/** TensorFlow Lite as it ships in this APK. */
object TfLite : Interpreter {
    /** What the library says of an operator, or a version of one, that it does not know. */
    private const val TOO_NEW = "newer model"

    override val info: RuntimeInfo by lazy { RuntimeInfo("tensorflow-lite", TensorFlowLite.runtimeVersion()) }

    override fun open(model: ByteBuffer, options: EngineOptions): Engine {
        if (options.accelerator == Accelerator.CPU) return onCpu(model, options, reason = null)
        return when (val attempt = Delegates.make(options.accelerator)) {
            is Delegates.Refused -> onCpu(model, options, attempt.reason)
            is Delegates.Created -> accelerated(model, options, attempt)
        }
    }

    private fun onCpu(model: ByteBuffer, options: EngineOptions, reason: String?): Engine {
        val acceleration = Acceleration(options.accelerator, Accelerator.CPU, null, null, reason)
        return try {
            TfLiteEngine(model, options, null, acceleration)
        } catch (error: IllegalArgumentException) {
            val problem = if (TOO_NEW in error.message.orEmpty()) ModelProblem.TOO_NEW else ModelProblem.OTHER
            throw ModelException(
                "the interpreter does not load it: ${error.firstLine()}; export it again",
                error,
                problem
            )
        } catch (error: IllegalStateException) {
            throw ModelException("the interpreter cannot prepare it: ${error.firstLine()}; export it again", error)
        } catch (error: LinkageError) {
            throw LibraryException(error)
        }
    }

    /** A delegate that refuses the graph is no error: the CPU runs the model, and [Acceleration.reason] says why. */
    private fun accelerated(model: ByteBuffer, options: EngineOptions, made: Delegates.Created): Engine {
        val acceleration = Acceleration(options.accelerator, options.accelerator, null, null, null)
        var engine: Engine? = null
        val reason = try {
            engine = TfLiteEngine(model, options, made.delegate, acceleration)
            return engine
        } catch (error: IllegalArgumentException) {
            "the delegate refused the model: ${error.firstLine()}"
        } catch (error: IllegalStateException) {
            "the delegate could not be prepared: ${error.firstLine()}"
        } finally {
            if (engine == null) made.delegate.close()
        }
        return onCpu(model, options, reason)
    }
}

/** An error of the interpreter in one line. */
internal fun Throwable.firstLine(): String = message?.lineSequence()?.first { it.isNotBlank() }?.trim() ?: toString()
