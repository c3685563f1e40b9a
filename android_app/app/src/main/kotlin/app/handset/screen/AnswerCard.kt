package app.handset.screen

import android.view.View
import android.widget.ImageView
import android.widget.TextView
import app.handset.R
import app.handset.core.Verdict
import app.handset.model.Answer
import app.handset.view.RowsView

/** The card that names what is on a picture: bars, the doggy door's verdict, times; or why there is no answer. */
class AnswerCard(private val root: View) {
    private val message = root.findViewById<TextView>(R.id.message)
    private val answerView = root.findViewById<View>(R.id.answer)
    private val rows = root.findViewById<RowsView>(R.id.rows)
    private val times = root.findViewById<TextView>(R.id.times)
    private val verdict = root.findViewById<View>(R.id.verdict)
    private val verdictIcon = root.findViewById<ImageView>(R.id.verdict_icon)
    private val verdictTitle = root.findViewById<TextView>(R.id.verdict_title)
    private val verdictReason = root.findViewById<TextView>(R.id.verdict_reason)

    fun say(text: String) {
        message.text = text
        message.visibility = View.VISIBLE
        answerView.visibility = View.GONE
    }

    fun show(answer: Answer, timesText: String) {
        message.visibility = View.GONE
        answerView.visibility = View.VISIBLE
        rows.guesses = answer.guesses
        times.text = timesText
        verdict.visibility = if (answer.verdict == null) View.GONE else View.VISIBLE
        answer.verdict?.let { dress(LOOKS.getValue(it)) }
    }

    private fun dress(look: Look) {
        val color = root.context.getColor(look.color)
        verdict.setBackgroundResource(look.background)
        verdictIcon.setColorFilter(color)
        verdictTitle.setTextColor(color)
        verdictTitle.setText(look.title)
        verdictReason.setText(look.reason)
    }

    private class Look(val title: Int, val reason: Int, val background: Int, val color: Int)

    private companion object {
        val LOOKS = mapOf(
            Verdict.COME_IN to
                Look(R.string.come_in, R.string.come_in_reason, R.drawable.verdict_come_in, R.color.accent),
            Verdict.STAY_INSIDE to
                Look(
                    R.string.stay_inside,
                    R.string.stay_inside_reason,
                    R.drawable.verdict_stay_inside,
                    R.color.caution
                ),
            Verdict.STAY_OUTSIDE to
                Look(
                    R.string.stay_outside,
                    R.string.stay_outside_reason,
                    R.drawable.verdict_stay_outside,
                    R.color.warning
                )
        )
    }
}
