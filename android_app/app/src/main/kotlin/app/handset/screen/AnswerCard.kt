package app.handset.screen

import android.view.View
import android.widget.ImageView
import android.widget.Switch
import android.widget.TextView
import app.handset.R
import app.handset.core.Verdict
import app.handset.model.Answer
import app.handset.model.Settings
import app.handset.view.RowsView

/** The card with the answer for a picture: bars, details, the doggy door; or why there is no answer. */
class AnswerCard(private val root: View, private val settings: Settings) {
    private val message = root.findViewById<TextView>(R.id.message)
    private val answerView = root.findViewById<View>(R.id.answer)
    private val rows = root.findViewById<RowsView>(R.id.rows)
    private val times = root.findViewById<TextView>(R.id.times)
    private val details = Details(root, settings)
    private val door = root.findViewById<Switch>(R.id.door)
    private val doorReason = root.findViewById<View>(R.id.door_reason)
    private val verdictView = root.findViewById<View>(R.id.verdict)
    private val verdictIcon = root.findViewById<ImageView>(R.id.verdict_icon)
    private val verdictTitle = root.findViewById<TextView>(R.id.verdict_title)
    private val verdictReason = root.findViewById<TextView>(R.id.verdict_reason)
    private var verdict: Verdict? = null

    init {
        door.setOnClickListener {
            settings.showsDoor = door.isChecked
            showVerdict()
        }
    }

    fun showMessage(text: String) {
        message.setTextIfNew(text)
        message.visibility = View.VISIBLE
        answerView.visibility = View.GONE
    }

    fun show(answer: Answer, timesText: String) {
        message.visibility = View.GONE
        answerView.visibility = View.VISIBLE
        rows.predictions = answer.predictions
        times.text = timesText
        verdict = answer.verdict
        details.refresh()
        showVerdict()
    }

    /** The door is for those who have one: its switch is among the details, and off until the user wants it. */
    private fun showVerdict() {
        val hasDoor = if (verdict == null) View.GONE else View.VISIBLE
        door.visibility = hasDoor
        doorReason.visibility = hasDoor
        door.isChecked = settings.showsDoor
        val shown = verdict?.takeIf { settings.showsDoor }
        verdictView.visibility = if (shown == null) View.GONE else View.VISIBLE
        shown?.let { apply(STYLES.getValue(it)) }
    }

    private fun apply(style: VerdictStyle) {
        val text = root.context.getColor(style.text)
        verdictView.backgroundTintList = root.context.getColorStateList(style.container)
        verdictIcon.setColorFilter(text)
        verdictTitle.setTextColor(text)
        verdictReason.setTextColor(text)
        verdictTitle.setTextIfNew(root.resources.getString(style.title))
        verdictReason.setText(style.reason)
    }

    /** Say [text] above the answer that is shown. */
    fun remark(text: String) {
        message.setTextIfNew(text)
        message.visibility = View.VISIBLE
    }

    private class VerdictStyle(val title: Int, val reason: Int, val container: Int, val text: Int)

    private companion object {
        val STYLES = mapOf(
            Verdict.COME_IN to VerdictStyle(
                R.string.come_in,
                R.string.come_in_reason,
                R.color.come_in_container,
                R.color.on_come_in_container
            ),
            Verdict.STAY_INSIDE to VerdictStyle(
                R.string.stay_inside,
                R.string.stay_inside_reason,
                R.color.stay_inside_container,
                R.color.on_stay_inside_container
            ),
            Verdict.STAY_OUTSIDE to VerdictStyle(
                R.string.stay_outside,
                R.string.stay_outside_reason,
                R.color.stay_outside_container,
                R.color.on_stay_outside_container
            )
        )
    }
}
