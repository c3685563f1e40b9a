package app.handset.model

import app.handset.core.Acceleration
import app.handset.core.CatalogEntry
import app.handset.core.Engine
import app.handset.core.EngineFactory
import app.handset.core.EngineOptions
import app.handset.core.ImageSpec
import app.handset.core.PackedModel
import app.handset.core.PictureDecoder
import app.handset.core.PictureLoader
import app.handset.core.Preprocessor
import app.handset.core.SelfTest
import app.handset.core.SelfTestResult
import app.handset.core.Smoothing
import app.handset.core.StageTimes
import app.handset.core.Verdict
import app.handset.core.Verification
import app.handset.core.directBuffer
import app.handset.core.scores
import app.handset.core.topK
import java.nio.ByteBuffer

/** A label and its probability, 0 to 1, as the model gives it. */
data class Prediction(val label: String, val probability: Float)

/** A model's answer: the likeliest [predictions] first, and how long each stage took. */
class Answer(
    val predictions: List<Prediction>,
    /** By label index; empty where the model has many labels. */
    val probabilities: List<Prediction>,
    val verdict: Verdict?,
    val times: StageTimes,
    /** The preprocessed picture as levels, before normalisation. */
    val levels: ByteArray,
    val spec: ImageSpec
)

/** A loaded model with its preprocessing and its labels, all from its own file. For one thread at a time. */
class Classifier private constructor(
    val entry: CatalogEntry,
    private val engine: Engine,
    packed: PackedModel,
    val sizeBytes: Int,
    val initNs: Long
) : AutoCloseable by engine {
    private val spec = packed.image
    private val labels = packed.labels(engine.output.count)
    private val preprocessor = Preprocessor(spec, engine.input)
    private val input = directBuffer(engine.input.bytes)
    private val output = directBuffer(engine.output.bytes)

    val acceleration: Acceleration get() = engine.acceleration
    val labelCount: Int get() = labels.size
    val inputText: String get() = "${engine.input.type.text} ${engine.input.shape.joinToString(" × ")}"

    /** A drawing, one byte a pixel, 0 paper and 255 full ink. */
    fun drawing(ink: ByteArray, width: Int, height: Int): Answer =
        answer { times -> timed(times) { preprocessor.drawing(ink, width, height, input) } }

    /** A complete picture in memory, as the camera gives it; its scores are averaged with those before it. */
    fun picture(
        pixels: IntArray,
        width: Int,
        height: Int,
        orientation: Int,
        smoothing: Smoothing = Smoothing()
    ): Answer = answer(smoothing) { times ->
        timed(times) { preprocessor.picture(pixels, width, height, orientation, input) }
    }

    /** The encoded picture in [data], loaded just as the benchmark loads it. */
    fun picture(data: ByteArray, name: String, decoder: PictureDecoder): Answer =
        answer { times -> PictureLoader(preprocessor, decoder).load(name, data, input, times) }

    /** Compare this model with [test], which came with it; [progress] as in [Verification.run]. */
    fun verify(test: SelfTest, decoder: PictureDecoder, progress: (Int, Int) -> Unit = { _, _ -> }): SelfTestResult =
        Verification(engine, preprocessor, decoder).run(test, entry.sha256, progress)

    private inline fun timed(times: StageTimes, work: () -> Unit) {
        val started = System.nanoTime()
        work()
        times.preprocessNs = System.nanoTime() - started
    }

    private inline fun answer(smoothing: Smoothing = Smoothing(), load: (StageTimes) -> Unit): Answer {
        val times = StageTimes()
        load(times)
        times.invokeNs = engine.run(input, output)
        val scores = smoothing.add(scores(output, engine.output), System.nanoTime())
        val ranked = topK(scores, TOP)
        return Answer(
            predictions = ranked.map { Prediction(labels[it.label], it.score) },
            probabilities = scores.mapIndexed { index, score -> Prediction(labels[index], score) }
                .takeIf { it.size <= MOST_SHOWN }.orEmpty(),
            verdict = entry.door?.answer(ranked.first().label),
            times = times,
            levels = preprocessor.levels.copyOf(),
            spec = spec
        )
    }

    companion object {
        private const val TOP = 5
        private const val MOST_SHOWN = 20

        /** Load [model]; [app.handset.core.ModelException] when anything is wrong with it. */
        fun open(entry: CatalogEntry, model: ByteBuffer, engines: EngineFactory, options: EngineOptions): Classifier {
            val packed = PackedModel.of(model)
            val started = System.nanoTime()
            val engine = engines.open(model, options)
            val initNs = System.nanoTime() - started
            var complete = false
            try {
                return Classifier(entry, engine, packed, model.limit(), initNs).also { complete = true }
            } finally {
                if (!complete) engine.close()
            }
        }
    }
}
