package app.handset.picture

import android.net.Uri
import android.os.CancellationSignal
import android.os.Handler
import android.os.Looper
import app.handset.core.Screen
import app.handset.model.Answer
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.model.Request
import app.handset.model.Requests

/**
 * The picture that the user chose, and the model's answer to it. It outlives the screen that shows it, so that a turned
 * phone neither loads nor decodes the picture again. For the main thread.
 */
class ChosenPicture(private val classifiers: Classifiers, private val reader: PictureReader) {
    /** Called when anything below changes. */
    var onChange: () -> Unit = {}

    /** Null where none is chosen. */
    var uri: Uri? = null
        private set

    /** What to look at before there is an answer; null while it is not there, and where it cannot be decoded. */
    var picture: PickedPicture? = null
        private set

    /** Null while there is none yet. */
    var result: ModelResult<Answer>? = null
        private set

    /** Whether another app is still handing over the file. */
    val isLoading: Boolean get() = loading != null

    private var loading: CancellationSignal? = null
    private var usedSettings: String? = null
    private val requests = Requests()
    private val main = Handler(Looper.getMainLooper())

    /** Load and classify [chosen] instead of the picture before. */
    fun open(chosen: Uri) {
        stop()
        uri = chosen
        usedSettings = settings()
        val request = requests.next()
        loading = reader.read(chosen) { data ->
            if (request.isWanted()) open(data, request)
        }
        onChange()
    }

    /** Do it again where the model, or what it runs on, is another one since. */
    fun refresh() {
        if (settings() != usedSettings) uri?.let(::open)
    }

    /** Forget the picture. */
    fun cancel() {
        stop()
        uri = null
        onChange()
    }

    private fun settings() = "${classifiers.entry(Screen.GALLERY)?.path} ${classifiers.settings.options}"

    private fun stop() {
        requests.next()
        loading?.cancel()
        loading = null
        picture = null
        result = null
    }

    /** On the thread that read it: so it is there to look at before the model is free. */
    private fun open(data: Result<ByteArray>, request: Request) {
        val opened = data.mapCatching(PickedPicture::open)
        main.post { if (request.isWanted()) classify(opened, request) }
    }

    private fun classify(opened: Result<PickedPicture>, request: Request) {
        loading = null
        picture = opened.getOrNull()
        classifiers.run(Screen.GALLERY, { opened.getOrThrow().classify(it) }, request) {
            result = it
            onChange()
        }
        onChange()
    }
}
