package app.handset.screen

import android.content.res.Resources
import app.handset.R
import app.handset.camera.CameraProblem
import app.handset.core.Accelerator
import app.handset.core.AcceleratorException
import app.handset.core.CatalogEntry
import app.handset.core.CatalogException
import app.handset.core.Deviation
import app.handset.core.HandsetException
import app.handset.core.InputException
import app.handset.core.ModelException
import app.handset.core.ModelProblem
import app.handset.core.Screen
import app.handset.core.SelfTestException
import app.handset.core.SelfTestResult
import app.handset.core.Stage
import app.handset.model.AcceleratorChoice
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.SelfTestRun

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
    is ModelException -> problem(error)
    is SelfTestException -> getString(R.string.self_test_refused, error.message)
    else -> getString(R.string.model_broken, error.message)
}

/** What the interpreter says of a model that is too new names operators and versions, on a line of its own. */
private fun Resources.problem(error: ModelException): String {
    val message = messageFor(error.problem) ?: return getString(R.string.model_broken, error.message)
    return if (error.problem == ModelProblem.TOO_NEW) "${getString(message)}\n${error.message}" else getString(message)
}

/** The resource of the message for a model that cannot be used; null where only its own message says why. */
private fun messageFor(problem: ModelProblem): Int? = when (problem) {
    ModelProblem.NO_MODEL_FILE -> R.string.model_file_unknown
    ModelProblem.DAMAGED -> R.string.model_damaged
    ModelProblem.TOO_NEW -> R.string.model_too_new
    ModelProblem.NO_CLASSIFIER -> R.string.model_no_classifier
    ModelProblem.NO_LABELS -> R.string.model_no_labels
    ModelProblem.NO_NORMALISATION -> R.string.model_no_normalisation
    ModelProblem.OTHER -> null
}

/** The resource of the message for a camera that shows nothing. */
fun messageFor(problem: CameraProblem): Int = when (problem) {
    CameraProblem.NONE -> R.string.no_camera
    CameraProblem.TAKEN -> R.string.camera_taken
    CameraProblem.TOO_MANY -> R.string.camera_too_many
    CameraProblem.DISABLED -> R.string.camera_disabled
    CameraProblem.FORBIDDEN -> R.string.camera_forbidden
    CameraProblem.GONE -> R.string.camera_gone
    CameraProblem.UNUSABLE -> R.string.camera_unusable
    CameraProblem.FAILED -> R.string.camera_failed
    CameraProblem.SERVICE_FAILED -> R.string.camera_service_failed
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

/** What the button says that runs a self-test, or how far it is. */
fun Resources.checkText(state: SelfTestRun.State?): String = when {
    state !is SelfTestRun.State.Running -> getString(R.string.check_model)
    state.inputs == 0 -> getString(R.string.working)
    else -> getString(R.string.checking_model, state.compared, state.inputs)
}

/** The message about a self-test: all is as on the desktop, what differs first, or why it cannot be run; else null. */
fun Resources.selfTestMessage(state: SelfTestRun.State?, choice: AcceleratorChoice): String? {
    val result = (state as? SelfTestRun.State.Ended)?.result ?: return null
    return problem(result, choice) ?: (result as? ModelResult.Done)?.value?.let(::message)
}

private fun Resources.message(selfTest: SelfTestResult): String {
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

/** A model's recipe and variant, as the export calls them; the name of its file where it has no variant. */
fun Resources.name(entry: CatalogEntry): String = entry.recipe.replace('_', ' ').let { recipe ->
    if (entry.variant.isEmpty()) recipe else getString(R.string.model_name, recipe, entry.variant)
}

/**
 * What a user calls the model: what it is for, and how it computes. Where the catalogue has several recipes for one
 * screen, they are told apart by their own names; so are files that no catalogue names.
 */
fun Resources.title(entry: CatalogEntry, classifiers: Classifiers): String {
    if (entry.variant.isEmpty()) return name(entry)
    val recipes = classifiers.catalog.getOrNull()?.models.orEmpty()
        .filter { it.screen == entry.screen && it.variant.isNotEmpty() }.map { it.recipe }.distinct()
    val subject = if (recipes.size > 1) entry.recipe.replace('_', ' ') else getString(subject(entry.screen))
    return getString(R.string.model_title, subject, VARIANTS[entry.variant]?.let(::getString) ?: entry.variant)
}

private fun subject(screen: Screen): Int = when (screen) {
    Screen.DIGIT -> R.string.drawings
    Screen.GALLERY -> R.string.photographs
}

/** What the variants of an export are like on a phone; one that is not known here keeps its own name. */
private val VARIANTS = mapOf(
    "fp32" to R.string.variant_fp32,
    "fp16" to R.string.variant_fp16,
    "dynamic" to R.string.variant_dynamic,
    "int8" to R.string.variant_int8,
    "int8_mixed" to R.string.variant_int8_mixed,
    "int16x8" to R.string.variant_int16x8
)
