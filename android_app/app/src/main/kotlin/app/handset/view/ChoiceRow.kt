package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.ContextThemeWrapper
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.LinearLayout
import app.handset.R

/** A few options as buttons beside each other, one of them chosen. */
class ChoiceRow(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    /** Show [options] with their [text]; [chosen] is selected, and [onChoose] is called with another one. */
    fun <T> offer(options: List<T>, chosen: T, text: (T) -> String, onChoose: (T) -> Unit) {
        removeAllViews()
        for (option in options) {
            val button = Button(ContextThemeWrapper(context, R.style.Button_Soft), null, 0, R.style.Button_Soft)
            button.text = text(option)
            button.isSelected = option == chosen
            button.setPadding(0, 0, 0, 0)
            button.setOnClickListener { if (!it.isSelected) onChoose(option) }
            val place = LayoutParams(0, WRAP_CONTENT, 1f).apply { marginEnd = if (option == options.last()) 0 else gap }
            addView(button, place)
        }
    }

    private val gap = resources.getDimensionPixelSize(R.dimen.gap_small)
}
