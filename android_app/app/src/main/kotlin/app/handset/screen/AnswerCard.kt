package app.handset.screen

import android.view.View
import android.widget.ImageView
import android.widget.TextView
import app.handset.R
import app.handset.core.Verdict
import app.handset.model.Answer
import app.handset.view.RowsView

/** The card with the answer for a picture: bars, the doggy door's verdict, times; or why there is no answer. */
class AnswerCard(private val root: View) {
    private val message = root.findViewById<TextView>(R.id.message)
    private val answerView = root.findViewById<View>(R.id.answer)
    private val rows = root.findViewById<RowsView>(R.id.rows)
    private val times = root.findViewById<TextView>(R.id.times)
    private val verdict = root.findViewById<View>(R.id.verdict)
    private val verdictIcon = root.findViewById<ImageView>(R.id.verdict_icon)
    private val verdictTitle = root.findViewById<TextView>(R.id.verdict_title)
    private val verdictReason = root.findViewById<TextView>(R.id.verdict_reason)

    fun showMessage(text: String) {
        message.text = text
        message.visibility = View.VISIBLE
        answerView.visibility = View.GONE
    }

    fun show(answer: Answer, timesText: String) {
        message.visibility = View.GONE
        answerView.visibility = View.VISIBLE
        rows.predictions = answer.predictions
        times.text = timesText
        verdict.visibility = if (answer.verdict == null) View.GONE else View.VISIBLE
        answer.verdict?.let { apply(STYLES.getValue(it)) }
    }

    private fun apply(style: VerdictStyle) {
        val color = root.context.getColor(style.color)
        verdict.setBackgroundResource(style.background)
        verdictIcon.setColorFilter(color)
        verdictTitle.setTextColor(color)
        verdictTitle.setText(style.title)
        verdictReason.setText(style.reason)
    }

    /** Say [text] above the answer that is shown. */
    fun remark(text: String) {
        message.text = text
        message.visibility = View.VISIBLE
    }

    private class VerdictStyle(val title: Int, val reason: Int, val background: Int, val color: Int)

    private companion object {
        val STYLES = mapOf(
            Verdict.COME_IN to
                VerdictStyle(R.string.come_in, R.string.come_in_reason, R.drawable.verdict_come_in, R.color.accent),
            Verdict.STAY_INSIDE to
                VerdictStyle(
                    R.string.stay_inside,
                    R.string.stay_inside_reason,
                    R.drawable.verdict_stay_inside,
                    R.color.caution
                ),
            Verdict.STAY_OUTSIDE to
                VerdictStyle(
                    R.string.stay_outside,
                    R.string.stay_outside_reason,
                    R.drawable.verdict_stay_outside,
                    R.color.warning
                )
        )
    }
}
