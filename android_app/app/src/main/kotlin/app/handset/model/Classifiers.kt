package app.handset.model

import android.os.Handler
import android.os.Looper
import app.handset.core.Accelerator
import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.CatalogException
import app.handset.core.EngineOptions
import app.handset.core.HandsetException
import app.handset.core.PictureDecoder
import app.handset.core.Screen
import app.handset.core.SelfTestResult
import app.handset.engine.Interpreter
import java.io.InputStream
import java.nio.ByteBuffer
import java.util.EnumMap
import java.util.concurrent.Executors

/** How work with a model ended. */
sealed interface ModelResult<out T> {
    data class Done<T>(val value: T) : ModelResult<T>

    /** The model, the accelerator or the input was refused, for this reason. */
    data class Refused(val error: HandsetException) : ModelResult<Nothing>

    /** No model in this app is made for this screen. */
    data object NoModel : ModelResult<Nothing>

    data object OutOfMemory : ModelResult<Nothing>
}

/**
 * The models in use, at most one a kind of screen, and the one thread that loads and runs them.
 *
 * It lives as long as the process: a model stays loaded when the phone is turned.
 */
class Classifiers(
    private val models: ModelSource,
    private val added: AddedModels,
    val settings: Settings,
    val interpreter: Interpreter
) {
    private val thread = Executors.newSingleThreadExecutor { Thread(it, "classifiers") }
    private val main = Handler(Looper.getMainLooper())
    private val open = EnumMap<Screen, Classifier>(Screen::class.java)

    /** The app's models and those that were added, as far as they can be read; the reason where they cannot. */
    val catalog: Result<Catalog> get() = listed ?: list().also { listed = it }

    @Volatile
    private var listed: Result<Catalog>? = null

    private fun list(): Result<Catalog> = try {
        Result.success(Catalog(models.catalog().models + added.catalog().models))
    } catch (error: CatalogException) {
        Result.failure(error)
    }

    private fun source(entry: CatalogEntry): ModelSource = if (entry.isAdded) added else models

    /** The model that [screen] uses now. */
    fun entry(screen: Screen): CatalogEntry? = catalog.getOrNull()?.let { settings.entry(it, screen) }

    /** Read what a model's file says, for a list of models, and give it to [done]. */
    fun facts(entry: CatalogEntry, done: (ModelResult<ModelFacts>) -> Unit) = work(ALWAYS, done) {
        ModelResult.Done(source(entry).facts(entry))
    }

    /**
     * Do [use] with the model of [screen] on the models' thread, and give its result to [done] on the main thread.
     *
     * The model is loaded first where it is not loaded yet, or where another one was chosen since. A [request] that is
     * no longer wanted when its turn comes is dropped; one that is not wanted at its end is not answered.
     */
    fun <T> run(screen: Screen, use: (Classifier) -> T, request: Request = ALWAYS, done: (ModelResult<T>) -> Unit) =
        work(request, done) {
            catalog.exceptionOrNull()?.let { throw it }
            when (val entry = entry(screen)) {
                null -> ModelResult.NoModel
                else -> ModelResult.Done(use(classifier(screen, entry)))
            }
        }

    /**
     * Run the self-test that came with the model of [screen]; its result is null where none came. [progress] is told on
     * the main thread how many inputs have been compared, of how many.
     */
    fun verify(
        screen: Screen,
        decoder: PictureDecoder,
        request: Request,
        progress: (Int, Int) -> Unit,
        done: (ModelResult<SelfTestResult?>) -> Unit
    ) {
        val posted = { compared: Int, inputs: Int -> answer(request) { progress(compared, inputs) } }
        run(screen, { model ->
            source(model.entry).selfTest(model.entry)?.let { model.verify(it, decoder, posted) }
        }, request, done)
    }

    /** Keep the model that [content] gives, under [name], once it has been loaded here; its result is its entry. */
    fun add(name: () -> String, content: () -> InputStream, done: (ModelResult<CatalogEntry>) -> Unit) =
        work(ALWAYS, done) {
            val entry = content().use { added.add(name(), it, ::check) }
            closeAll()
            listed = null
            ModelResult.Done(entry)
        }

    /** Whether the app can use [model] at all; [app.handset.core.ModelException] says why not. */
    private fun check(entry: CatalogEntry, model: ByteBuffer) =
        Classifier.open(entry, model, interpreter, EngineOptions(threads = 1, Accelerator.CPU, xnnpack = true)).close()

    /** Delete a model that was added. */
    fun remove(entry: CatalogEntry, done: (ModelResult<Unit>) -> Unit) = work(ALWAYS, done) {
        closeAll()
        added.remove(entry)
        listed = null
        ModelResult.Done(Unit)
    }

    /** Close what is loaded, so that a new choice takes effect. */
    fun reload() = thread.execute(::closeAll)

    private fun closeAll() {
        open.values.forEach(Classifier::close)
        open.clear()
    }

    private fun classifier(screen: Screen, entry: CatalogEntry): Classifier {
        open[screen]?.let { if (it.entry == entry) return it else it.close() }
        open.remove(screen)
        return Classifier.open(entry, source(entry).map(entry), interpreter, settings.options).also {
            open[screen] = it
        }
    }

    private fun <T> work(request: Request, done: (ModelResult<T>) -> Unit, work: () -> ModelResult<T>) {
        thread.execute {
            if (!request.isWanted()) return@execute
            val result = try {
                work()
            } catch (error: HandsetException) {
                ModelResult.Refused(error)
            } catch (_: OutOfMemoryError) { // a very large picture; its memory is free again by now
                ModelResult.OutOfMemory
            }
            answer(request) { done(result) }
        }
    }

    private fun answer(request: Request, say: () -> Unit) {
        main.post { if (request.isWanted()) say() }
    }

    private companion object {
        val ALWAYS = Request { true }
    }
}
