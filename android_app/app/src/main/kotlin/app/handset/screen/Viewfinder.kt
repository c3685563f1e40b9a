package app.handset.screen

import android.app.Activity
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraManager
import android.os.Bundle
import android.os.Handler
import android.view.View
import android.widget.TextView
import app.handset.R
import app.handset.camera.CameraFacts
import app.handset.camera.CameraFrame
import app.handset.camera.CameraListener
import app.handset.camera.CameraProblem
import app.handset.camera.LiveCamera
import app.handset.core.ImageSpec
import app.handset.model.Requests

/**
 * The live preview: a tap freezes it, a button takes the other camera. For the main thread, but for [onFrame], which is
 * called on [thread], the camera's.
 */
class Viewfinder(
    root: View,
    private val activity: Activity,
    private val thread: Handler,
    state: Bundle?,
    private val user: User
) : CameraListener,
    Preview.Canvas {
    /** Uses what the camera gives. */
    interface User {
        /** The camera shows nothing, and is closed. */
        fun onProblem(problem: CameraProblem)

        /** What is seen from now on has nothing to do with what was seen before. */
        fun onNewScene()

        /** On the camera's thread: a frame, and its EXIF orientation. */
        fun onFrame(frame: CameraFrame, orientation: Int)
    }

    private val preview = Preview(root, activity, this)
    private val picture = root.findViewById<View>(R.id.preview)
    private val flip = root.findViewById<View>(R.id.flip)
    private val hint = root.findViewById<TextView>(R.id.preview_hint)
    private val requests = Requests()
    private var live: LiveCamera? = null
    private var isWanted = false
    private var isFrozen = false
    private var turn = state?.getInt(TURN) ?: 0

    /** Whether there is another camera to take. */
    val hasOther: Boolean get() = flip.visibility == View.VISIBLE

    init {
        picture.setOnClickListener { if (live != null) freeze(!isFrozen) }
        flip.setOnClickListener {
            turn()
            start()
        }
    }

    /** Open the camera, now or when there is something to draw on. */
    fun start() {
        isWanted = true
        val texture = preview.texture
        if (texture == null || live != null) return
        freeze(false)
        val manager = activity.getSystemService(CameraManager::class.java)
        live = LiveCamera(manager, texture, thread, requests.next(), this).apply { open(turn) }
    }

    fun stop() {
        isWanted = false
        close()
    }

    /** Close this camera; the next one that is started is the other, or the next of several. */
    fun turn() {
        turn++
        close()
    }

    /** Outline what a model with [spec] is given. */
    fun outline(spec: ImageSpec) = preview.outline(spec)

    private fun close() {
        requests.next()
        live?.close()
        live = null
        preview.camera = null
    }

    private fun freeze(frozen: Boolean) {
        isFrozen = frozen
        live?.freeze(frozen)
        hint.setText(if (frozen) R.string.camera_frozen else R.string.camera_freeze)
        val description = if (frozen) R.string.preview_frozen_description else R.string.preview_description
        picture.contentDescription = picture.resources.getString(description)
        user.onNewScene()
    }

    override fun onReady() {
        if (isWanted) start()
    }

    override fun onGone(texture: SurfaceTexture) {
        close()
        thread.post(texture::release)
    }

    override fun onChosen(camera: CameraFacts, count: Int) {
        preview.camera = camera
        flip.visibility = if (count > 1) View.VISIBLE else View.GONE
        hint.visibility = View.VISIBLE
    }

    override fun onProblem(problem: CameraProblem) {
        stop()
        user.onProblem(problem)
    }

    override fun onFrame(frame: CameraFrame) = user.onFrame(frame, preview.orientation(frame.camera))

    fun save(state: Bundle) = state.putInt(TURN, turn)

    private companion object {
        const val TURN = "camera turn"
    }
}
