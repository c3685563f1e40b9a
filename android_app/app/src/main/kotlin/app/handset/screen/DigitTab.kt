package app.handset.screen

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.Screen
import app.handset.model.Answer
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.Prediction
import app.handset.model.Requests
import app.handset.view.Drawing
import app.handset.view.InkView
import app.handset.view.PixelsView
import app.handset.view.RowsView
import app.handset.view.milliseconds
import app.handset.view.percent
import app.handset.view.spoken

/** A canvas for a digit, which is classified whenever a stroke ends. */
class DigitTab(parent: ViewGroup, private val classifiers: Classifiers, state: Bundle?) : Tab {
    override val view: View = inflate(parent, R.layout.digit)
    private val ink = view.findViewById<InkView>(R.id.ink)
    private val undo = view.findViewById<View>(R.id.undo)
    private val clear = view.findViewById<View>(R.id.clear)
    private val message = view.findViewById<TextView>(R.id.message)
    private val answerView = view.findViewById<View>(R.id.answer)
    private val winner = view.findViewById<TextView>(R.id.winner)
    private val runnerUp = view.findViewById<TextView>(R.id.runner_up)
    private val certainty = view.findViewById<TextView>(R.id.certainty)
    private val times = view.findViewById<TextView>(R.id.times)
    private val modelPixels = view.findViewById<PixelsView>(R.id.seen)
    private val rows = view.findViewById<RowsView>(R.id.rows)
    private val details = Details(view, classifiers.settings)
    private val chip = view.findViewById<TextView>(R.id.chip)

    private val requests = Requests()

    init {
        ink.restore(state?.let(::strokesOf).orEmpty())
        ink.onChange = ::classify // a restored drawing is classified when the tab is shown
        undo.setOnClickListener { ink.undo() }
        clear.setOnClickListener { ink.clear() }
    }

    override fun show() {
        chip.showModel(classifiers, Screen.DIGIT)
        classify() // the model may be another one since
    }

    private fun classify() {
        val request = requests.next()
        undo.isEnabled = !ink.drawing.isEmpty
        clear.isEnabled = !ink.drawing.isEmpty
        if (ink.drawing.isEmpty) return showMessage(view.resources.getString(R.string.digit_waiting))
        val pixels = ink.drawing.ink()
        classifiers.run(Screen.DIGIT, { it.drawing(pixels, Drawing.RASTER, Drawing.RASTER) }, request, ::show)
    }

    private fun show(result: ModelResult<Answer>) {
        val problem = view.resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) return showMessage(problem)
        show((result as ModelResult.Done).value)
    }

    private fun showMessage(text: String) {
        message.setTextIfNew(text)
        message.visibility = View.VISIBLE
        answerView.visibility = View.GONE
    }

    private fun show(answer: Answer) {
        val best = answer.predictions.first()
        message.visibility = View.GONE
        answerView.visibility = View.VISIBLE
        winner.text = best.label
        winner.contentDescription = view.resources.spoken(best)
        certainty.text = percent(best.probability)
        showRunnerUp(answer.predictions.getOrNull(1))
        times.text = view.resources.getString(
            R.string.times,
            milliseconds(answer.times.preprocessNs),
            milliseconds(answer.times.invokeNs)
        )
        modelPixels.show(answer.levels, answer.spec.width, answer.spec.height)
        rows.predictions = answer.probabilities
        details.refresh()
    }

    /** What else it could have been, where the model is not all but certain. */
    private fun showRunnerUp(second: Prediction?) {
        val isLikely = second != null && second.probability >= LIKELY
        runnerUp.visibility = if (isLikely) View.VISIBLE else View.GONE
        if (isLikely) {
            runnerUp.text = view.resources.getString(R.string.runner_up, second.label, percent(second.probability))
        }
    }

    override fun save(state: Bundle) {
        val strokes = ink.drawing.strokes()
        state.putInt(COUNT, strokes.size)
        strokes.forEachIndexed { index, stroke -> state.putFloatArray("$STROKE$index", stroke) }
    }

    private fun strokesOf(state: Bundle): List<FloatArray> =
        List(state.getInt(COUNT)) { state.getFloatArray("$STROKE$it") ?: floatArrayOf() }.filter { it.isNotEmpty() }

    private companion object {
        const val LIKELY = 0.01f
        const val COUNT = "strokes"
        const val STROKE = "stroke "
    }
}
