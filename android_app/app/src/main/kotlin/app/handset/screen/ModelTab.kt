package app.handset.screen

import android.text.format.Formatter
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.Acceleration
import app.handset.core.Accelerator
import app.handset.core.CatalogEntry
import app.handset.core.Screen
import app.handset.core.Verdicts
import app.handset.model.Classifier
import app.handset.model.Classifiers
import app.handset.model.Outcome
import app.handset.model.RunsOn
import app.handset.model.Settings
import app.handset.picture.BitmapDecoder
import app.handset.view.ChoiceRow
import app.handset.view.milliseconds

/** Which models the other screens use, and what they run on. */
class ModelTab(parent: ViewGroup, private val classifiers: Classifiers) : Tab {
    override val view: View = inflate(parent, R.layout.model)
    private val resources = view.resources
    private val settings = classifiers.settings
    private val models = view.findViewById<ViewGroup>(R.id.models)
    private val threads = view.findViewById<ChoiceRow>(R.id.threads)
    private val accelerators = view.findViewById<ChoiceRow>(R.id.accelerators)
    private val obtained = view.findViewById<TextView>(R.id.obtained)
    private val loaded = view.findViewById<TextView>(R.id.loaded)
    private val selfTest = view.findViewById<TextView>(R.id.self_test)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private var looking = Screen.DIGIT

    /** Counts what was asked: an answer about an older choice is not shown. */
    private var edition = 0

    override fun show() {
        chip.text = runtime()
        models.removeAllViews()
        classifiers.catalog.fold({ catalog ->
            if (catalog.models.isEmpty()) models.addView(note(resources.getString(R.string.no_models)))
            for (screen in Screen.entries) list(screen, catalog.models.filter { it.screen == screen })
        }, { models.addView(note(it.message.orEmpty())) })
        threads.offer(Settings.THREADS, settings.threads, Int::toString) { choose { settings.threads = it } }
        accelerators.offer(RunsOn.entries, settings.runsOn, ::short) { choose { settings.runsOn = it } }
        ask()
    }

    private fun runtime(): String = try {
        resources.getString(R.string.runtime, classifiers.interpreter.info.version)
    } catch (_: UnsatisfiedLinkError) { // a processor that the library was not built for
        resources.getString(R.string.runtime_unknown)
    }

    private fun short(runsOn: RunsOn): String = when (runsOn) {
        RunsOn.XNNPACK -> "XNNPACK"
        RunsOn.CPU, RunsOn.GPU, RunsOn.NNAPI -> resources.name(runsOn)
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
            looking = entry.screen
            choose { settings.choose(entry) }
        }
        classifiers.facts(entry) { outcome ->
            facts.text = when (outcome) {
                is Outcome.Done -> outcome.value.let { known ->
                    val size = Formatter.formatShortFileSize(view.context, known.sizeBytes.toLong())
                    val image = known.image
                    resources.getString(
                        R.string.model_facts,
                        size,
                        "${image.width} × ${image.height} × ${image.channels}"
                    )
                }

                else -> resources.problem(outcome, settings.runsOn)
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

    /** Load the model that was looked at last, to see what it really runs on. */
    private fun ask() {
        obtained.setText(R.string.working)
        loaded.text = null
        selfTest.visibility = View.GONE
        val screen = looking.takeIf { classifiers.entry(it) != null } ?: Screen.GALLERY
        val mine = ++edition
        classifiers.run(screen, ::look) { outcome -> if (mine == edition) show(outcome) }
        classifiers.verify(screen, BitmapDecoder()) { outcome -> if (mine == edition) showVerdicts(outcome) }
    }

    private fun show(outcome: Outcome<Loaded>) {
        val problem = resources.problem(outcome, settings.runsOn)
        if (problem != null) obtained.text = problem else show((outcome as Outcome.Done).value)
    }

    /** Nothing for a model without a self-test; why another one cannot be used is said already. */
    private fun showVerdicts(outcome: Outcome<Verdicts?>) {
        val said = resources.verdicts(outcome) ?: return
        selfTest.text = said
        selfTest.visibility = View.VISIBLE
    }

    private fun look(classifier: Classifier) =
        Loaded(classifier.acceleration, classifier.initNs, classifier.inputText, classifier.labelCount)

    private fun show(known: Loaded) {
        val got = known.acceleration
        val name = resources.name(got.obtained, settings.options.xnnpack)
        obtained.text = when {
            got.asked != got.obtained -> resources.getString(
                R.string.accelerator_refused,
                resources.name(settings.runsOn),
                name,
                got.reason
            )

            got.obtained == Accelerator.CPU || got.delegatedNodes == null || got.totalNodes == null -> name

            else -> resources.getString(R.string.accelerator_nodes, name, got.delegatedNodes, got.totalNodes)
        }
        loaded.text = resources.getString(R.string.model_loaded, known.input, known.labels, milliseconds(known.initNs))
    }
}
