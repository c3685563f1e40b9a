package app.handset.screen

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.net.Uri
import android.os.Bundle
import android.provider.Settings
import android.view.Surface
import android.view.TextureView
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import app.handset.R
import app.handset.camera.CameraOrientation
import app.handset.camera.LiveCamera
import app.handset.camera.YuvFrame
import app.handset.core.Screen
import app.handset.model.Answer
import app.handset.model.Classifier
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.view.milliseconds

/** Classifies what the camera sees, as fast as the model can. */
class CameraTab(
    parent: ViewGroup,
    private val activity: Activity,
    private val classifiers: Classifiers,
    private val askPermission: () -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.camera)
    private val live = view.findViewById<View>(R.id.live)
    private val preview = view.findViewById<TextureView>(R.id.preview)
    private val permission = view.findViewById<View>(R.id.permission)
    private val permissionText = view.findViewById<TextView>(R.id.permission_text)
    private val permissionButton = view.findViewById<Button>(R.id.permission_button)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val card = AnswerCard(view)
    private var camera: LiveCamera? = null
    private var fittedRotation = Surface.ROTATION_0
    private var isShown = false
    private var wasRefused = state?.getBoolean(REFUSED) ?: false

    init {
        preview.surfaceTextureListener = object : TextureView.SurfaceTextureListener {
            override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) = start()

            override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = fit()

            override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
                stop()
                return true
            }

            /** Turning by 180 degrees changes neither a size nor the activity. */
            override fun onSurfaceTextureUpdated(texture: SurfaceTexture) {
                if (rotation != fittedRotation) fit()
            }
        }
    }

    private val isAllowed: Boolean
        get() = activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    override fun show() {
        isShown = true
        chip.showModel(classifiers, Screen.GALLERY)
        card.showMessage(view.resources.getString(R.string.camera_waiting))
        val resources = view.resources
        when {
            !LiveCamera.isHere(activity) -> explain(resources.getString(R.string.no_camera), null) {}
            isAllowed -> showCamera()
            wasRefused -> explain(resources.getString(R.string.camera_refused), R.string.open_settings, ::openSettings)
            else -> explain(resources.getString(R.string.camera_reason), R.string.camera_allow, askPermission)
        }
    }

    override fun hide() {
        isShown = false
        stop()
    }

    /** The user answered the question. */
    fun onPermission(granted: Boolean) {
        wasRefused = !granted
        if (isShown) show()
    }

    private fun showCamera() {
        live.visibility = View.VISIBLE
        permission.visibility = View.GONE
        start()
    }

    private fun explain(text: String, button: Int?, action: () -> Unit) {
        live.visibility = View.GONE
        permission.visibility = View.VISIBLE
        permissionText.text = text
        permissionButton.visibility = if (button == null) View.GONE else View.VISIBLE
        button?.let(permissionButton::setText)
        permissionButton.setOnClickListener { action() }
    }

    private fun openSettings() {
        val place = Uri.fromParts("package", activity.packageName, null)
        activity.startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, place))
    }

    private fun start() {
        val texture = preview.surfaceTexture
        val isWanted = isShown && isAllowed && camera == null
        if (!isWanted || texture == null) return
        val opened = try {
            LiveCamera(activity, texture, Frames(), ::showProblem)
        } catch (error: CameraAccessException) { // switched off by the user or by a policy
            return showProblem(LiveCamera.Problem.of(error))
        }
        camera = opened
        fit()
        opened.open()
    }

    /** From any thread. */
    private fun showProblem(problem: LiveCamera.Problem) {
        view.post { card.showMessage(view.resources.getString(messageFor(problem))) }
    }

    private fun stop() {
        camera?.close()
        camera = null
    }

    @Suppress("DEPRECATION") // Context.getDisplay needs Android 11
    private val rotation: Int get() = activity.windowManager.defaultDisplay.rotation

    private fun fit() {
        val opened = camera ?: return
        val size = opened.previewSize
        fittedRotation = rotation
        preview.setTransform(
            CameraOrientation.preview(
                preview.width.toFloat(),
                preview.height.toFloat(),
                size.width,
                size.height,
                opened.sensorDegrees,
                fittedRotation
            )
        )
    }

    /** One frame at a time: the next one is taken when the answer to the one before is on the screen. */
    private inner class Frames : LiveCamera.Frames {
        @Volatile
        override var isFree = true

        override fun take(frame: YuvFrame) {
            val opened = camera ?: return
            isFree = false
            val orientation = CameraOrientation.exif(opened.sensorDegrees, rotation, opened.facesUser)
            val classify = { classifier: Classifier ->
                classifier.picture(frame.pixels, frame.width, frame.height, orientation)
            }
            classifiers.run(Screen.GALLERY, classify) { result ->
                if (camera === opened) show(result)
                isFree = result is ModelResult.Done // a model that is refused once is refused again
            }
        }
    }

    /** Show the result of a frame; a test may classify one that the camera did not take. */
    internal fun show(result: ModelResult<Answer>) {
        val problem = view.resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) return card.showMessage(problem)
        val answer = (result as ModelResult.Done).value
        val times = view.resources.getString(
            R.string.times,
            milliseconds(answer.times.preprocessNs),
            milliseconds(answer.times.invokeNs)
        )
        card.show(answer, times)
    }

    override fun save(state: Bundle) = state.putBoolean(REFUSED, wasRefused)

    private companion object {
        const val REFUSED = "camera refused"
    }
}
