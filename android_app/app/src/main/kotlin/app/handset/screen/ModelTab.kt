package app.handset.screen

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.CatalogEntry
import app.handset.core.Screen
import app.handset.model.AcceleratorChoice
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.OfferedModel
import app.handset.model.SelfTestRun
import app.handset.model.Settings
import app.handset.view.ChoiceRow

/** Which models the other screens use, and what they run on. */
class ModelTab(
    parent: ViewGroup,
    private val classifiers: Classifiers,
    selfTest: SelfTestRun,
    pick: (Intent) -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.model)
    private val resources = view.resources
    private val settings = classifiers.settings
    private val models = ModelList(view.findViewById(R.id.models), classifiers, ::use, ::remove)
    private val threads = view.findViewById<ChoiceRow>(R.id.threads)
    private val accelerators = view.findViewById<ChoiceRow>(R.id.accelerators)
    private val loaded = LoadedCard(view, classifiers, selfTest, Screen.entries[state?.getInt(INSPECTED) ?: 0])
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val addResult = view.findViewById<TextView>(R.id.add_result)

    init {
        // No type: what a phone's storage calls a .tflite file differs from phone to phone.
        val picker = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        view.findViewById<View>(R.id.add_model).setOnClickListener { pick(picker) }
    }

    /** Keep the model that the user offers, if it can be used here, and use it. */
    fun add(offered: OfferedModel) {
        tell(resources.getString(R.string.adding_model))
        classifiers.add({ offered.name }, offered::open) { result ->
            val problem = resources.problem(result, settings.chosenAccelerator)
            if (problem != null) {
                tell(resources.getString(R.string.model_not_added, problem))
            } else {
                val entry = (result as ModelResult.Done).value
                tell(resources.getString(R.string.model_added, resources.name(entry)))
                use(entry)
            }
        }
    }

    private fun use(entry: CatalogEntry) {
        loaded.screen = entry.screen
        choose { settings.choose(entry) }
    }

    private fun remove(entry: CatalogEntry) = classifiers.remove(entry) {
        addResult.visibility = View.GONE
        show()
    }

    private fun tell(text: String) {
        addResult.text = text
        addResult.visibility = View.VISIBLE
    }

    override fun show() {
        chip.text = runtime()
        models.show()
        threads.offer(Settings.THREADS, settings.threads, Int::toString) { choose { settings.threads = it } }
        accelerators.offer(AcceleratorChoice.entries, settings.chosenAccelerator, ::shortName) {
            choose { settings.chosenAccelerator = it }
        }
        loaded.inspect()
    }

    private fun runtime(): String = try {
        resources.getString(R.string.runtime, classifiers.interpreter.info.version)
    } catch (_: LinkageError) { // a library for another processor, or for pages of another size
        resources.getString(R.string.runtime_unknown)
    }

    private fun shortName(choice: AcceleratorChoice): String = when (choice) {
        AcceleratorChoice.XNNPACK, AcceleratorChoice.NNAPI -> choice.name
        AcceleratorChoice.CPU, AcceleratorChoice.GPU -> resources.name(choice)
    }

    private fun choose(change: () -> Unit) {
        change()
        classifiers.reload()
        show()
    }

    override fun save(state: Bundle) = state.putInt(INSPECTED, loaded.screen.ordinal)

    private companion object {
        const val INSPECTED = "inspected"
    }
}
