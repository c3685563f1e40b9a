package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.LayoutInflater
import android.view.View
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.TextView
import app.handset.R
import app.handset.model.Prediction
import kotlin.math.roundToInt

/** Probabilities as rows: the label, its percentage, and a bar below both. The highest bar is in colour. */
class RowsView(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    /** The layout of the first row, which is the answer where rows are ranked. */
    private val firstLayout: Int

    init {
        orientation = VERTICAL
        val styled = context.obtainStyledAttributes(attributes, R.styleable.RowsView)
        firstLayout = styled.getResourceId(R.styleable.RowsView_firstRow, R.layout.prediction)
        styled.recycle()
    }

    var predictions: List<Prediction> = emptyList()
        set(value) {
            val before = field
            field = value
            while (childCount > value.size) removeViewAt(childCount - 1)
            while (childCount < value.size) addView(row(if (childCount == 0) firstLayout else R.layout.prediction))
            val highest = value.maxOfOrNull { it.probability }
            value.forEachIndexed { index, prediction ->
                val isNew = prediction.label != before.getOrNull(index)?.label
                show(getChildAt(index), prediction, isNew, prediction.probability == highest)
            }
        }

    private fun row(layout: Int): View = LayoutInflater.from(context).inflate(layout, this, false)

    /** A label is set only where it [isNew]: a screen reader announces the first one whenever it is set. */
    private fun show(row: View, prediction: Prediction, isNew: Boolean, isBest: Boolean) {
        if (isNew) row.findViewById<TextView>(R.id.label).text = prediction.label
        row.findViewById<TextView>(R.id.share).text = percent(prediction.probability)
        val bar = row.findViewById<ProgressBar>(R.id.bar)
        bar.progress = (prediction.probability * bar.max).roundToInt()
        bar.isSelected = isBest
    }
}
