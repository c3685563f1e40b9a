package app.handset.engine

import android.os.Build
import app.handset.core.Accelerator
import app.handset.core.LibraryException
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.gpu.CompatibilityList
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.gpu.GpuDelegateFactory
import org.tensorflow.lite.nnapi.NnApiDelegate

/** Makes delegates where this phone has them, and says why where it has none. */
internal object Delegates {
    sealed interface Attempt

    class Created(val delegate: Delegate) : Attempt

    class Refused(val reason: String) : Attempt

    fun make(accelerator: Accelerator): Attempt = try {
        when (accelerator) {
            Accelerator.CPU -> Refused("the CPU needs no delegate")
            Accelerator.GPU -> gpu()
            Accelerator.NNAPI -> nnapi()
        }
    } catch (error: LinkageError) {
        val isAbsent = error.cause is ClassNotFoundException
        Refused(if (isAbsent) "this app was built without it" else LibraryException(error).firstLine())
    } catch (error: IllegalStateException) {
        Refused(error.firstLine())
    } catch (error: IllegalArgumentException) {
        Refused(error.firstLine())
    }

    private fun gpu(): Attempt {
        val supported = CompatibilityList().use { it.isDelegateSupportedOnThisDevice }
        if (!supported) return Refused("this GPU is not on TensorFlow Lite's list of those that work")
        // Half precision would change answers: the numbers here are meant to be comparable.
        val options = GpuDelegateFactory.Options().setPrecisionLossAllowed(false)
        return Created(GpuDelegate(options))
    }

    private fun nnapi(): Attempt {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return Refused("NNAPI needs Android 9 or newer")
        // The reference implementation on the CPU is no accelerator.
        return Created(NnApiDelegate(NnApiDelegate.Options().setUseNnapiCpu(false)))
    }
}
