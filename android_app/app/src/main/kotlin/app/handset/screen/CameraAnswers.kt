package app.handset.screen

import android.content.res.Resources
import app.handset.R
import app.handset.camera.CameraFrame
import app.handset.core.Screen
import app.handset.core.Smoothing
import app.handset.model.Answer
import app.handset.model.Classifier
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.view.milliseconds

/** The model's answers to what the camera sees, averaged over its frames. For the main thread, but for [classify]. */
class CameraAnswers(
    private val card: AnswerCard,
    private val resources: Resources,
    private val classifiers: Classifiers,
    private val onAnswer: (Answer) -> Unit
) {
    /** What it averages is the models' thread's; the main thread only puts a new one here. */
    @Volatile
    private var smoothing = Smoothing()

    /** Average no longer with what was seen before. */
    fun restart() {
        smoothing = Smoothing()
    }

    /** From any thread. The next frame is asked for when this one's answer is shown, and not where there is none. */
    fun classify(frame: CameraFrame, orientation: Int) {
        val classify = { classifier: Classifier ->
            val pixels = frame.pixels
            classifier.picture(pixels.pixels, pixels.width, pixels.height, orientation, smoothing)
        }
        classifiers.run(Screen.GALLERY, classify, frame.request) { result ->
            show(result)
            if (result is ModelResult.Done) frame.done() // a model that is refused once is refused again
        }
    }

    /** Show the result of a frame; a test may classify one that no camera took. */
    fun show(result: ModelResult<Answer>) {
        val problem = resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) return card.showMessage(problem)
        val answer = (result as ModelResult.Done).value
        val times = answer.times
        val text = resources.getString(R.string.times, milliseconds(times.preprocessNs), milliseconds(times.invokeNs))
        card.show(answer, text)
        onAnswer(answer)
    }
}
