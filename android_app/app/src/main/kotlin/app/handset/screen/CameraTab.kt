package app.handset.screen

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.hardware.camera2.CameraManager
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import android.provider.Settings
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.camera.CameraFrame
import app.handset.camera.CameraProblem
import app.handset.camera.CameraWatch
import app.handset.core.Screen
import app.handset.model.Classifiers

/** Classifies what the camera sees; where it sees nothing, says why, and what helps. */
class CameraTab(
    parent: ViewGroup,
    private val activity: Activity,
    private val classifiers: Classifiers,
    private val thread: Handler,
    private val askPermission: () -> Unit,
    state: Bundle?
) : Tab,
    Viewfinder.User {
    override val view: View = inflate(parent, R.layout.camera)
    private val live = view.findViewById<View>(R.id.live)
    private val explanation = view.findViewById<View>(R.id.permission)
    private val explanationText = view.findViewById<TextView>(R.id.permission_text)
    private val explanationButton = view.findViewById<Button>(R.id.permission_button)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val card = AnswerCard(view, classifiers.settings)
    private val viewfinder = Viewfinder(view, activity, thread, state, this)
    private val manager = activity.getSystemService(CameraManager::class.java)
    private val watch = CameraWatch(manager, thread, ::tryLater)
    private var problem: CameraProblem? = null
    private var isShown = false
    private var wasRefused = state?.getBoolean(REFUSED) ?: false

    /** The answers to frames. */
    internal val answers = CameraAnswers(card, view.resources, classifiers) { viewfinder.outline(it.spec) }

    override fun show() {
        isShown = true
        chip.showModel(classifiers, Screen.GALLERY)
        watch.start()
        showCamera()
    }

    override fun hide() {
        isShown = false
        watch.stop()
        viewfinder.stop()
    }

    /** The user answered the question. */
    fun onPermission(granted: Boolean) {
        wasRefused = !granted
        if (isShown) showCamera()
    }

    /** In split screen the app that was touched last has the right to the camera: it is this one now. */
    fun onTop() {
        if (isShown && problem != null) showCamera()
    }

    private fun showCamera() {
        problem = null
        when {
            activity.checkSelfPermission(PERMISSION) == PackageManager.PERMISSION_GRANTED -> start()

            activity.shouldShowRequestPermissionRationale(PERMISSION) ->
                explain(R.string.camera_reason_again, R.string.camera_allow, askPermission)

            wasRefused -> explain(R.string.camera_refused, R.string.open_settings, ::openSettings)

            else -> explain(R.string.camera_reason, R.string.camera_allow, askPermission)
        }
    }

    private fun start() {
        live.visibility = View.VISIBLE
        explanation.visibility = View.GONE
        card.showMessage(view.resources.getString(R.string.camera_waiting))
        viewfinder.start()
    }

    private fun explain(text: Int, button: Int, action: () -> Unit) {
        live.visibility = View.GONE
        explanation.visibility = View.VISIBLE
        explanationText.setText(text)
        explanationButton.visibility = if (problem == CameraProblem.NONE) View.GONE else View.VISIBLE
        explanationButton.setText(button)
        explanationButton.setOnClickListener { action() }
        if (problem == null) thread.post { if (CameraFacts.isNone(manager)) view.post { tellNone() } }
    }

    /** Whether the app may use a camera is no question where there is none. */
    private fun tellNone() {
        if (isShown) onProblem(CameraProblem.NONE)
    }

    private fun openSettings() {
        val place = Uri.fromParts("package", activity.packageName, null)
        activity.startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, place))
    }

    override fun onProblem(problem: CameraProblem) {
        this.problem = problem
        if (problem == CameraProblem.UNUSABLE && viewfinder.hasOther) {
            explain(messageFor(problem), R.string.camera_flip, ::takeOther)
        } else {
            explain(messageFor(problem), R.string.camera_retry, ::showCamera)
        }
    }

    private fun takeOther() {
        viewfinder.turn()
        showCamera()
    }

    /** A camera is free, or there is another one: what was in the way may be over. */
    private fun tryLater() {
        view.postDelayed({ if (isShown && problem?.endsByItself == true) showCamera() }, PATIENCE_MS)
    }

    override fun onNewScene() = answers.restart()

    override fun onFrame(frame: CameraFrame, orientation: Int) = answers.classify(frame, orientation)

    override fun save(state: Bundle) {
        state.putBoolean(REFUSED, wasRefused)
        viewfinder.save(state)
    }

    private companion object {
        const val PERMISSION = Manifest.permission.CAMERA
        const val REFUSED = "camera refused"
        const val PATIENCE_MS = 300L // the service says that a camera is free while it still closes it
    }
}
