package app.handset.screen

import android.content.res.Resources
import app.handset.R
import app.handset.camera.LiveCamera
import app.handset.core.Accelerator
import app.handset.core.AcceleratorException
import app.handset.core.CatalogEntry
import app.handset.core.CatalogException
import app.handset.core.Deviation
import app.handset.core.HandsetException
import app.handset.core.InputException
import app.handset.core.SelfTestException
import app.handset.core.SelfTestResult
import app.handset.core.Stage
import app.handset.model.AcceleratorChoice
import app.handset.model.ModelResult

/** The message that says why there is no answer; null where there is one. */
fun Resources.problem(result: ModelResult<*>, choice: AcceleratorChoice): String? = when (result) {
    is ModelResult.Done -> null
    is ModelResult.NoModel -> getString(R.string.no_model_for_screen)
    is ModelResult.OutOfMemory -> getString(R.string.out_of_memory)
    is ModelResult.Refused -> problem(result.error, choice)
}

private fun Resources.problem(error: HandsetException, choice: AcceleratorChoice): String = when (error) {
    is InputException -> getString(R.string.picture_unreadable, error.message)
    is AcceleratorException -> getString(R.string.accelerator_failed, name(choice), error.message)
    is CatalogException -> error.message.orEmpty()
    else -> getString(R.string.model_broken, error.message)
}

/** The resource of the message for a camera that shows nothing. */
fun messageFor(problem: LiveCamera.Problem): Int = when (problem) {
    LiveCamera.Problem.TAKEN -> R.string.camera_taken
    LiveCamera.Problem.FORBIDDEN -> R.string.camera_forbidden
    LiveCamera.Problem.ENDED -> R.string.camera_ended
}

fun Resources.name(choice: AcceleratorChoice): String = getString(
    when (choice) {
        AcceleratorChoice.XNNPACK -> R.string.accelerator_xnnpack
        AcceleratorChoice.CPU -> R.string.accelerator_cpu
        AcceleratorChoice.GPU -> R.string.accelerator_gpu
        AcceleratorChoice.NNAPI -> R.string.accelerator_nnapi
    }
)

fun Resources.name(obtained: Accelerator, xnnpack: Boolean): String = name(
    when (obtained) {
        Accelerator.CPU -> if (xnnpack) AcceleratorChoice.XNNPACK else AcceleratorChoice.CPU
        Accelerator.GPU -> AcceleratorChoice.GPU
        Accelerator.NNAPI -> AcceleratorChoice.NNAPI
    }
)

/**
 * The message about a self-test: all is as on the desktop, what differs first, or why it cannot be run. Null where
 * there is none, or its model cannot be loaded.
 */
fun Resources.selfTestMessage(result: ModelResult<SelfTestResult?>): String? {
    val refusal = (result as? ModelResult.Refused)?.error
    if (refusal is SelfTestException || refusal is AcceleratorException) return refusal.message
    val selfTest = (result as? ModelResult.Done)?.value ?: return null
    val first = selfTest.deviations.firstOrNull()
        ?: return getQuantityString(R.plurals.self_test_passed, selfTest.inputs, selfTest.inputs)
    val count = selfTest.deviations.size
    return getString(R.string.self_test_failed, count, selfTest.inputs, first.input, name(first))
}

private fun Resources.name(deviation: Deviation): String = when (deviation.stage) {
    Stage.DECODE -> getString(R.string.stage_decode)
    Stage.PREPROCESS -> getString(R.string.stage_preprocess)
    Stage.OUTPUT -> getString(R.string.stage_output, "%.2g".format(deviation.difference))
}

/** A model's recipe and variant, for the user. */
fun Resources.name(entry: CatalogEntry): String =
    getString(R.string.model_title, entry.recipe.replace('_', ' '), entry.variant)
