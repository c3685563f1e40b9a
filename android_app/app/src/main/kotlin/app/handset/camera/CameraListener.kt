package app.handset.camera

import app.handset.model.Request

/** Is told of one camera; on the main thread, but for [onFrame]. */
interface CameraListener {
    /** It is [camera], one of [count] that can be used. */
    fun onChosen(camera: CameraFacts, count: Int)

    /** It shows nothing; it is not tried again. */
    fun onProblem(problem: CameraProblem)

    /** On the camera's thread. */
    fun onFrame(frame: CameraFrame)
}

/** A frame of [camera], for as long as [request] is wanted. */
class CameraFrame(
    val camera: CameraFacts,
    val pixels: YuvFrame,
    val request: Request,
    /** To be called when [pixels] may be overwritten by the next frame; from any thread. */
    val done: () -> Unit
)
