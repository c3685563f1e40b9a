package app.handset.screen

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.core.Screen
import app.handset.model.Classifiers

internal fun inflate(parent: ViewGroup, layout: Int): View =
    LayoutInflater.from(parent.context).inflate(layout, parent, false)

/** Show in this view which model [screen] uses. */
internal fun TextView.showModel(classifiers: Classifiers, screen: Screen) {
    val entry = classifiers.entry(screen)
    visibility = if (entry == null) View.GONE else View.VISIBLE
    text = entry?.let { resources.name(it) }
}
