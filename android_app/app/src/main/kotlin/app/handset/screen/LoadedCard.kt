package app.handset.screen

import android.view.View
import android.widget.Button
import android.widget.TextView
import app.handset.R
import app.handset.core.Acceleration
import app.handset.core.Screen
import app.handset.model.Classifier
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.Requests
import app.handset.model.SelfTestRun
import app.handset.view.milliseconds

/** What the model of a [screen] really runs on, and the self-test that came with it. */
class LoadedCard(
    root: View,
    private val classifiers: Classifiers,
    private val selfTest: SelfTestRun,
    var screen: Screen
) {
    private val resources = root.resources
    private val settings = classifiers.settings
    private val obtained = root.findViewById<TextView>(R.id.obtained)
    private val loaded = root.findViewById<TextView>(R.id.loaded)
    private val check = root.findViewById<Button>(R.id.check)
    private val checked = root.findViewById<TextView>(R.id.self_test)
    private val requests = Requests()

    init {
        check.setOnClickListener { selfTest.start(inspected()) }
        selfTest.onChange = ::showSelfTest
    }

    private class Loaded(val acceleration: Acceleration, val initNs: Long, val input: String, val labels: Int)

    private fun inspected() = screen.takeIf { classifiers.entry(it) != null } ?: Screen.GALLERY

    /** Load the model of [screen]. */
    fun inspect() {
        obtained.setText(R.string.working)
        loaded.text = null
        selfTest.keepOnly(inspected())
        showSelfTest()
        classifiers.run(inspected(), ::loaded, requests.next(), ::show)
    }

    private fun loaded(classifier: Classifier) =
        Loaded(classifier.acceleration, classifier.initNs, classifier.inputText, classifier.labelCount)

    private fun show(result: ModelResult<Loaded>) {
        val problem = resources.problem(result, settings.chosenAccelerator)
        if (problem != null) obtained.text = problem else show((result as ModelResult.Done).value)
    }

    private fun show(model: Loaded) {
        obtained.text = describe(model.acceleration)
        loaded.text = resources.getString(R.string.model_loaded, model.input, model.labels, milliseconds(model.initNs))
    }

    private fun describe(acceleration: Acceleration): String {
        val name = resources.name(acceleration.obtained, settings.options.xnnpack)
        if (acceleration.asked == acceleration.obtained) return name
        val asked = resources.name(settings.chosenAccelerator)
        return resources.getString(R.string.accelerator_refused, asked, name, acceleration.reason)
    }

    private fun showSelfTest() {
        val hasSelfTest = classifiers.entry(inspected())?.selfTest != null
        check.visibility = if (hasSelfTest) View.VISIBLE else View.GONE
        check.isEnabled = selfTest.state !is SelfTestRun.State.Running
        check.text = resources.checkText(selfTest.state)
        checked.text = resources.selfTestMessage(selfTest.state, settings.chosenAccelerator)
        checked.visibility = if (checked.text.isEmpty()) View.GONE else View.VISIBLE
    }
}
