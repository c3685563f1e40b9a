package app.handset.screen

import android.text.format.Formatter
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.CatalogEntry
import app.handset.core.Screen
import app.handset.model.Classifiers
import app.handset.model.ModelFacts
import app.handset.model.ModelResult

/** The models that there are, in [place], one a row. The row in use is selected. */
class ModelList(
    private val place: ViewGroup,
    private val classifiers: Classifiers,
    private val onChoose: (CatalogEntry) -> Unit,
    private val onRemove: (CatalogEntry) -> Unit
) {
    private val resources = place.resources
    private val rows = LinkedHashMap<CatalogEntry, View>()

    /** Rows stay while there are the same models: a screen reader's focus, and a keyboard's, is on one of them. */
    fun show() {
        val catalog = classifiers.catalog
        val entries = catalog.getOrNull()?.models.orEmpty()
        if (entries.isEmpty() || entries != rows.keys.toList()) {
            place.removeAllViews()
            rows.clear()
            val problem = catalog.exceptionOrNull()?.message
            if (entries.isEmpty()) place.addView(note(problem ?: resources.getString(R.string.no_models)))
            for (screen in Screen.entries) list(screen, entries.filter { it.screen == screen })
        }
        for ((entry, row) in rows) row.isSelected = entry == classifiers.entry(entry.screen)
    }

    private fun list(screen: Screen, entries: List<CatalogEntry>) {
        if (entries.isEmpty()) return
        val title = if (screen == Screen.DIGIT) R.string.model_for_digit else R.string.model_for_gallery
        place.addView(note(resources.getString(title)))
        for (entry in entries) {
            val row = row(entry)
            rows[entry] = row
            place.addView(row)
        }
    }

    private fun note(text: String): TextView = (inflate(place, R.layout.model_note) as TextView).also { it.text = text }

    private fun row(entry: CatalogEntry): View {
        val row = inflate(place, R.layout.model_row)
        val default = if (entry.isDefault) " · ${resources.getString(R.string.model_default)}" else ""
        row.findViewById<TextView>(R.id.row_title).text = resources.title(entry, classifiers) + default
        row.findViewById<TextView>(R.id.row_name).apply {
            text = resources.name(entry)
            visibility = if (entry.variant.isEmpty()) View.GONE else View.VISIBLE
        }
        row.setOnClickListener { onChoose(entry) }
        if (entry.isAdded) offerRemoval(entry, row.findViewById(R.id.row_remove))
        val facts = row.findViewById<TextView>(R.id.row_facts)
        classifiers.facts(entry) { result ->
            val problem = resources.problem(result, classifiers.settings.chosenAccelerator)
            facts.text = problem ?: describe((result as ModelResult.Done).value)
        }
        return row
    }

    private fun offerRemoval(entry: CatalogEntry, button: View) {
        button.visibility = View.VISIBLE
        button.contentDescription = resources.getString(R.string.remove_model_description, resources.name(entry))
        button.setOnClickListener { onRemove(entry) }
    }

    private fun describe(facts: ModelFacts): String {
        val size = Formatter.formatShortFileSize(place.context, facts.sizeBytes.toLong())
        val input = facts.image.run { "$width × $height × $channels" }
        val lines = listOfNotNull(
            resources.getString(R.string.model_facts, size, input),
            resources.getString(R.string.model_any_size).takeIf { facts.isAnySize },
            resources.getString(R.string.model_whole_picture).takeUnless { facts.hasPreprocessing }
        )
        return lines.joinToString("\n")
    }
}
