package app.handset.screen

import android.view.View
import android.widget.Button
import app.handset.R
import app.handset.model.Settings

/** Times and the like, below an answer: shown when the user asks for them, and from then on. */
class Details(root: View, private val settings: Settings) {
    private val toggle = root.findViewById<Button>(R.id.details_toggle)
    private val content = root.findViewById<View>(R.id.details)

    init {
        toggle.setOnClickListener {
            settings.showsDetails = !settings.showsDetails
            refresh()
        }
    }

    /** Another screen may have shown or hidden them since. */
    fun refresh() {
        val isShown = settings.showsDetails
        content.visibility = if (isShown) View.VISIBLE else View.GONE
        toggle.setText(if (isShown) R.string.hide_details else R.string.show_details)
        val icon = if (isShown) R.drawable.ic_collapse else R.drawable.ic_expand
        toggle.setCompoundDrawablesRelativeWithIntrinsicBounds(0, 0, icon, 0)
    }
}
