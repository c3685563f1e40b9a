package app.handset.screen

import android.content.Intent
import android.os.Bundle
import android.text.format.Formatter
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import app.handset.R
import app.handset.core.Acceleration
import app.handset.core.CatalogEntry
import app.handset.core.Screen
import app.handset.model.AcceleratorChoice
import app.handset.model.Classifier
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.OfferedModel
import app.handset.model.Requests
import app.handset.model.SelfTestRun
import app.handset.model.Settings
import app.handset.view.ChoiceRow
import app.handset.view.milliseconds

/** Which models the other screens use, and what they run on. */
class ModelTab(
    parent: ViewGroup,
    private val classifiers: Classifiers,
    private val selfTest: SelfTestRun,
    pick: (Intent) -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.model)
    private val resources = view.resources
    private val settings = classifiers.settings
    private val models = view.findViewById<ViewGroup>(R.id.models)
    private val threads = view.findViewById<ChoiceRow>(R.id.threads)
    private val accelerators = view.findViewById<ChoiceRow>(R.id.accelerators)
    private val obtained = view.findViewById<TextView>(R.id.obtained)
    private val loaded = view.findViewById<TextView>(R.id.loaded)
    private val check = view.findViewById<Button>(R.id.check)
    private val checked = view.findViewById<TextView>(R.id.self_test)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val addResult = view.findViewById<TextView>(R.id.add_result)
    private var inspectedScreen = Screen.entries[state?.getInt(INSPECTED) ?: 0]

    private val requests = Requests()

    init {
        // No type: what a phone's storage calls a .tflite file differs from phone to phone.
        val picker = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        view.findViewById<View>(R.id.add_model).setOnClickListener { pick(picker) }
        check.setOnClickListener { selfTest.start(inspected()) }
        selfTest.onChange = ::showSelfTest
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
                inspectedScreen = entry.screen
                choose { settings.choose(entry) }
            }
        }
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
        models.removeAllViews()
        classifiers.catalog.fold({ catalog ->
            if (catalog.models.isEmpty()) models.addView(note(resources.getString(R.string.no_models)))
            for (screen in Screen.entries) list(screen, catalog.models.filter { it.screen == screen })
        }, { models.addView(note(it.message.orEmpty())) })
        threads.offer(Settings.THREADS, settings.threads, Int::toString) { choose { settings.threads = it } }
        accelerators.offer(AcceleratorChoice.entries, settings.chosenAccelerator, ::shortName) {
            choose { settings.chosenAccelerator = it }
        }
        inspect()
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

    private fun list(screen: Screen, entries: List<CatalogEntry>) {
        if (entries.isEmpty()) return
        val title = if (screen == Screen.DIGIT) R.string.model_for_digit else R.string.model_for_gallery
        models.addView(note(resources.getString(title)))
        entries.forEach { models.addView(row(it)) }
    }

    private fun note(text: String) = TextView(view.context, null, 0, R.style.Text_Soft).apply {
        this.text = text
        setPadding(0, resources.getDimensionPixelSize(R.dimen.gap_small), 0, 0)
    }

    private fun row(entry: CatalogEntry): View {
        val row = inflate(models, R.layout.model_row)
        val facts = row.findViewById<TextView>(R.id.row_facts)
        val default = if (entry.isDefault) " · ${resources.getString(R.string.model_default)}" else ""
        row.findViewById<TextView>(R.id.row_title).text = resources.name(entry) + default
        row.isSelected = entry == classifiers.entry(entry.screen)
        row.setOnClickListener {
            inspectedScreen = entry.screen
            choose { settings.choose(entry) }
        }
        if (entry.isAdded) {
            row.findViewById<View>(R.id.row_remove).apply {
                visibility = View.VISIBLE
                contentDescription = resources.getString(R.string.remove_model_description, resources.name(entry))
                setOnClickListener { remove(entry) }
            }
        }
        classifiers.facts(entry) { result ->
            facts.text = when (result) {
                is ModelResult.Done -> result.value.let { known ->
                    val size = Formatter.formatShortFileSize(view.context, known.sizeBytes.toLong())
                    val input = "${known.image.width} × ${known.image.height} × ${known.image.channels}"
                    val lines = listOfNotNull(
                        resources.getString(R.string.model_facts, size, input),
                        resources.getString(R.string.model_any_size).takeIf { known.isAnySize },
                        resources.getString(R.string.model_whole_picture).takeUnless { known.hasPreprocessing }
                    )
                    lines.joinToString("\n")
                }

                else -> resources.problem(result, settings.chosenAccelerator)
            }
        }
        return row
    }

    private fun choose(change: () -> Unit) {
        change()
        classifiers.reload()
        show()
    }

    private data class Loaded(val acceleration: Acceleration, val initNs: Long, val input: String, val labels: Int)

    private fun inspected() = inspectedScreen.takeIf { classifiers.entry(it) != null } ?: Screen.GALLERY

    /** Load the model of [inspectedScreen], to show what it really runs on. */
    private fun inspect() {
        obtained.setText(R.string.working)
        loaded.text = null
        selfTest.keepOnly(inspected())
        showSelfTest()
        classifiers.run(inspected(), ::loaded, requests.next(), ::show)
    }

    private fun show(result: ModelResult<Loaded>) {
        val problem = resources.problem(result, settings.chosenAccelerator)
        if (problem != null) obtained.text = problem else show((result as ModelResult.Done).value)
    }

    private fun showSelfTest() {
        val hasSelfTest = classifiers.entry(inspected())?.selfTest != null
        check.visibility = if (hasSelfTest) View.VISIBLE else View.GONE
        check.isEnabled = selfTest.state !is SelfTestRun.State.Running
        check.text = resources.checkText(selfTest.state)
        checked.text = resources.selfTestMessage(selfTest.state, settings.chosenAccelerator)
        checked.visibility = if (checked.text.isEmpty()) View.GONE else View.VISIBLE
    }

    private fun loaded(classifier: Classifier) =
        Loaded(classifier.acceleration, classifier.initNs, classifier.inputText, classifier.labelCount)

    private fun show(model: Loaded) {
        val acceleration = model.acceleration
        val name = resources.name(acceleration.obtained, settings.options.xnnpack)
        obtained.text = if (acceleration.asked == acceleration.obtained) {
            name
        } else {
            val asked = resources.name(settings.chosenAccelerator)
            resources.getString(R.string.accelerator_refused, asked, name, acceleration.reason)
        }
        loaded.text = resources.getString(R.string.model_loaded, model.input, model.labels, milliseconds(model.initNs))
    }

    override fun save(state: Bundle) = state.putInt(INSPECTED, inspectedScreen.ordinal)

    private companion object {
        const val INSPECTED = "inspected"
    }
}
