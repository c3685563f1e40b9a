package app.handset.screen

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.core.Screen
import app.handset.model.Classifiers

internal fun inflate(parent: ViewGroup, layout: Int): View =
    LayoutInflater.from(parent.context).inflate(layout, parent, false)

/** A screen reader announces the text of a live region whenever it is set. */
internal fun TextView.setTextIfNew(new: String) {
    if (tag != new) text = new
    tag = new
}

/** Show in this view which model [screen] uses. */
internal fun TextView.showModel(classifiers: Classifiers, screen: Screen) {
    val entry = classifiers.entry(screen)
    visibility = if (entry == null) View.GONE else View.VISIBLE
    text = entry?.let { resources.title(it, classifiers) }
}
