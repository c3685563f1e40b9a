package app.handset.tests

import android.view.View
import android.view.ViewGroup
import android.widget.ScrollView
import android.widget.TextView

/** Finds text that a user could not read: shortened, broken within a word, or larger than the room that it has. */
object CutText {
    /** What is wrong on the screen that [device] shows, a line each. */
    fun on(device: Device): List<String> = device.views().filterIsInstance<TextView>()
        .filter { it.isShown && it.text.isNotBlank() }
        .mapNotNull { view ->
            problem(view)?.let { "$it: \"${view.text}\" in $view of ${view.width} x ${view.height}" }
        }

    private fun problem(view: TextView): String? {
        val layout = view.layout ?: return "not laid out"
        val lines = 0 until layout.lineCount
        val high = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
        val wide = view.width - view.compoundPaddingLeft - view.compoundPaddingRight
        return when {
            lines.any { layout.getEllipsisCount(it) > 0 } -> "shortened"
            layout.height > high -> "${layout.height} pixels high in $high"
            lines.any { layout.getLineMax(it) > wide + ROUNDING } -> "wider than $wide pixels"
            lines.drop(1).any { isWithinWord(layout.text, layout.getLineStart(it)) } -> "broken within a word"
            else -> view.ancestor(::isCut)?.let { "outside of $it" }
        }
    }

    private fun isWithinWord(text: CharSequence, at: Int): Boolean =
        text[at].isLetterOrDigit() && (text[at - 1].isLetterOrDigit() || text[at - 1] == WORD_JOINER)

    /** The first ancestor that [view], or what holds it, does not lie in. */
    private fun View.ancestor(isCut: (View, ViewGroup) -> Boolean): ViewGroup? {
        val parent = parent as? ViewGroup ?: return null
        return if (isCut(this, parent)) parent else parent.ancestor(isCut)
    }

    private fun isCut(view: View, parent: ViewGroup): Boolean {
        val isTooHigh = parent !is ScrollView && (view.top < 0 || view.bottom > parent.height)
        return isTooHigh || view.left < 0 || view.right > parent.width
    }

    private const val ROUNDING = 1
    private const val WORD_JOINER = '\u2060'
}
