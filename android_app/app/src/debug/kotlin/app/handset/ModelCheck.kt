package app.handset

import app.handset.core.Accelerator
import app.handset.core.CatalogEntry
import app.handset.core.EngineOptions
import app.handset.core.HandsetException
import app.handset.core.SelfTest
import app.handset.model.Classifier
import app.handset.picture.BitmapDecoder

/** Whether a model computes at every stage what it did on the desktop that exported it; on the CPU, as there. */
internal class ModelCheck(private val app: HandsetApplication, private val entry: CatalogEntry) : Check {
    override val name = "every_stage_is_as_on_the_desktop[${entry.recipe} ${entry.variant}]"

    override fun failure(): String? = try {
        app.models.selfTest(entry)?.let(::failure)
    } catch (error: HandsetException) {
        "$name: ${error.message}"
    }

    private fun failure(test: SelfTest): String? {
        val options = EngineOptions(threads = 1, Accelerator.CPU, xnnpack = true)
        val result = Classifier.open(entry, app.models.map(entry), app.interpreter, options).use {
            it.verify(test, BitmapDecoder())
        }
        if (result.deviations.isEmpty()) return null
        return result.deviations.joinToString("; ", prefix = "$name: ") { (input, stage, difference) ->
            "$input differs at ${stage.text}" + difference?.let { " by $it" }.orEmpty()
        }
    }

    companion object {
        /** One check for every model that came with a self-test. */
        fun all(app: HandsetApplication): List<ModelCheck> =
            app.models.catalog().models.filter { it.selfTest != null }.map { ModelCheck(app, it) }
    }
}
