package app.handset.model

import app.handset.core.CatalogEntry
import app.handset.core.EngineOptions
import app.handset.core.PictureDecoder
import app.handset.core.Screen
import app.handset.core.SelfTestResult

/**
 * The self-test of a model, run when the user asks for it. It outlives the screen that shows it, so that a turned phone
 * neither loses its result nor runs it again. For the main thread.
 */
class SelfTestRun(private val classifiers: Classifiers, private val decoder: PictureDecoder) {
    sealed interface State {
        /** So many of the [inputs] have been compared; of none while the model is being loaded. */
        data class Running(val compared: Int, val inputs: Int) : State

        data class Ended(val result: ModelResult<SelfTestResult?>) : State
    }

    /** Called when [state] changes. */
    var onChange: () -> Unit = {}

    /** Null where none was asked for. */
    var state: State? = null
        private set(value) {
            field = value
            onChange()
        }

    private var subject: Subject? = null
    private val requests = Requests()

    /** A model, and what it runs on. */
    private data class Subject(val model: CatalogEntry?, val options: EngineOptions)

    private fun subject(screen: Screen) = Subject(classifiers.entry(screen), classifiers.settings.options)

    /** Test the model that [screen] uses now. */
    fun start(screen: Screen) {
        val request = requests.next()
        subject = subject(screen)
        state = State.Running(0, 0)
        val progress = { compared: Int, inputs: Int -> state = State.Running(compared, inputs) }
        classifiers.verify(screen, decoder, request, progress) { state = State.Ended(it) }
    }

    /** Forget the test of any other model than that of [screen], or on anything else than is chosen now. */
    fun keepOnly(screen: Screen) {
        if (subject != subject(screen)) forget()
    }

    fun forget() {
        requests.next()
        subject = null
        state = null
    }
}
