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
import app.handset.core.Stage
import app.handset.core.Verdicts
import app.handset.model.Outcome
import app.handset.model.RunsOn

/** Why there is no answer, for the user; null where there is one. */
fun Resources.problem(outcome: Outcome<*>, runsOn: RunsOn): String? = when (outcome) {
    is Outcome.Done -> null
    is Outcome.NoModel -> getString(R.string.no_model_for_screen)
    is Outcome.OutOfMemory -> getString(R.string.out_of_memory)
    is Outcome.Refused -> problem(outcome.error, runsOn)
}

private fun Resources.problem(error: HandsetException, runsOn: RunsOn): String = when (error) {
    is InputException -> getString(R.string.picture_unreadable, error.message)
    is AcceleratorException -> getString(R.string.accelerator_failed, name(runsOn), error.message)
    is CatalogException -> error.message.orEmpty()
    else -> getString(R.string.model_broken, error.message)
}

/** The sentence for a camera that shows nothing. */
fun words(problem: LiveCamera.Problem): Int = when (problem) {
    LiveCamera.Problem.TAKEN -> R.string.camera_taken
    LiveCamera.Problem.FORBIDDEN -> R.string.camera_forbidden
    LiveCamera.Problem.ENDED -> R.string.camera_ended
}

fun Resources.name(runsOn: RunsOn): String = getString(
    when (runsOn) {
        RunsOn.XNNPACK -> R.string.accelerator_xnnpack
        RunsOn.CPU -> R.string.accelerator_cpu
        RunsOn.GPU -> R.string.accelerator_gpu
        RunsOn.NNAPI -> R.string.accelerator_nnapi
    }
)

fun Resources.name(obtained: Accelerator, xnnpack: Boolean): String = name(
    when (obtained) {
        Accelerator.CPU -> if (xnnpack) RunsOn.XNNPACK else RunsOn.CPU
        Accelerator.GPU -> RunsOn.GPU
        Accelerator.NNAPI -> RunsOn.NNAPI
    }
)

/**
 * How a self-test ended: all is as on the desktop, what differs first, or why it cannot be run; null where there is
 * none, or no model that could be loaded for it.
 */
fun Resources.verdicts(outcome: Outcome<Verdicts?>): String? {
    val refusal = (outcome as? Outcome.Refused)?.error
    if (refusal is SelfTestException || refusal is AcceleratorException) return refusal.message
    val verdicts = (outcome as? Outcome.Done)?.value ?: return null
    val first = verdicts.deviations.firstOrNull()
        ?: return getQuantityString(R.plurals.self_test_passed, verdicts.inputs, verdicts.inputs)
    val count = verdicts.deviations.size
    return getString(R.string.self_test_failed, count, verdicts.inputs, first.input, name(first))
}

private fun Resources.name(deviation: Deviation): String = when (deviation.stage) {
    Stage.DECODE -> getString(R.string.stage_decode)
    Stage.PREPROCESS -> getString(R.string.stage_preprocess)
    Stage.OUTPUT -> getString(R.string.stage_output, "%.2g".format(deviation.difference))
}

/** A model in a few words. */
fun Resources.name(entry: CatalogEntry): String =
    getString(R.string.model_title, entry.recipe.replace('_', ' '), entry.variant)
