package app.handset.desktop

import app.handset.core.Accelerator
import app.handset.core.Catalog
import app.handset.core.Engine
import app.handset.core.EngineOptions
import app.handset.core.FileSource
import app.handset.core.Golden
import app.handset.core.PackedModel
import app.handset.core.PreprocessCase
import app.handset.core.Preprocessor
import app.handset.core.Screen
import app.handset.core.field
import app.handset.core.int
import app.handset.core.objectOf
import app.handset.core.scores
import app.handset.core.topK
import app.handset.job.ArchiveReader
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.nio.file.StandardOpenOption
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test

/** What `make export` wrote, on the real interpreter; skipped where nothing is exported. */
class ExportedModelTest {
    @Test
    fun `every exported digit model has the top-1 of Keras on 100 digits`() {
        for ((name, recipe) in digitRecipes()) {
            val archive = ArchiveReader(FileSource(open(recipe.file("inputs"))), recipe.count)
            val keras = Probabilities(recipe.file("probabilities"))
            for ((variant, path) in recipe.variants) {
                Loaded(MODELS.resolve(path)).use { model ->
                    val same = (0 until DIGITS).count { index ->
                        val data = archive.read(archive.names[index])
                        model.top { preprocessor.raw(data, archive.names[index], input) } == keras.top(index)
                    }
                    println("$name $variant: top-1 of $same of $DIGITS digits is that of Keras")
                    assertTrue(same >= if (variant in EXACT) DIGITS else DIGITS - 1, "$name $variant: $same")
                }
            }
        }
    }

    @Test
    fun `at least nine of ten drawn digits are classified right`() {
        val drawn = PreprocessCase.all().filter { it.isDrawing && DRAWN.matches(it.name) }
        assertEquals(10, drawn.size)
        for ((name, recipe) in digitRecipes()) {
            Loaded(MODELS.resolve(recipe.variants.getValue("fp32"))).use { model ->
                val right = drawn.count { case ->
                    val top = model.top { preprocessor.drawing(case.ink(), case.width, case.height, input) }
                    model.labels[top] == case.name.last().toString()
                }
                assertTrue(right >= 9, "$name read $right of 10")
            }
        }
    }

    @Test
    fun `the app's catalogue names models that load and carry all that a screen needs`() {
        assumeTrue(ASSETS.resolve(Catalog.FILE).exists(), "nothing is exported; run make export")
        val catalog = Catalog.read(ASSETS.resolve(Catalog.FILE).readBytes())
        for (entry in catalog.models) {
            Loaded(ASSETS.resolve(entry.path)).use { model ->
                assertEquals(model.engine.output.count, model.labels.size)
                if (entry.screen == Screen.DIGIT) assertEquals(model.spec.digit != null, true)
            }
        }
        assertTrue(checkNotNull(catalog.default(catalog.models.first().screen)).isDefault)
    }

    private fun digitRecipes(): Map<String, Recipe> {
        val manifest = MODELS.resolve("manifest.json")
        assumeTrue(manifest.exists(), "nothing is exported; run make export")
        return objectOf(Golden.json(manifest)["recipes"]).mapValues { Recipe(objectOf(it.value)) }
            .filterValues { it.screen == "digit" }
    }

    private class Recipe(private val record: Map<String, Any?>) {
        val screen = record["screen"]
        val count = objectOf(record["evaluation"]).int("inputs")
        val variants = objectOf(record["variants"]).mapValues { objectOf(it.value).field<String>("path") }

        fun file(name: String): File =
            MODELS.resolve(objectOf(objectOf(record["reference"])[name]).field<String>("path"))
    }

    /** A `.npy` of float32 rows. */
    private class Probabilities(file: File) {
        private val data = ByteBuffer.wrap(file.readBytes()).order(ByteOrder.LITTLE_ENDIAN)
        private val start = NPY_HEADER + data.getShort(NPY_HEADER - Short.SIZE_BYTES)
        private val labels = Regex("\\(\\d+, (\\d+)\\)").find(String(data.array(), 0, start))!!.groupValues[1].toInt()

        fun top(row: Int): Int {
            val scores = FloatArray(labels) { data.getFloat(start + (row * labels + it) * Float.SIZE_BYTES) }
            return topK(scores, 1).single().label
        }
    }

    private class Loaded(file: File) : AutoCloseable {
        private val mapped = open(file).use { it.map(FileChannel.MapMode.READ_ONLY, 0, it.size()) }
        private val packed = PackedModel.of(mapped)
        val engine: Engine = TfLiteEngine.open(mapped, EngineOptions(1, Accelerator.CPU, true))
        val spec = packed.image
        val labels = packed.labels(engine.output.count)
        val preprocessor = Preprocessor(spec, engine.input)
        val input: ByteBuffer = ByteBuffer.allocateDirect(engine.input.bytes).order(ByteOrder.nativeOrder())
        private val output = ByteBuffer.allocateDirect(engine.output.bytes).order(ByteOrder.nativeOrder())

        fun top(load: Loaded.() -> Unit): Int {
            load()
            engine.run(input, output)
            return topK(scores(output, engine.output), 1).single().label
        }

        override fun close() = engine.close()
    }

    private companion object {
        const val DIGITS = 100
        const val NPY_HEADER = 10
        val EXACT = setOf("fp32", "fp16")
        val DRAWN = Regex("digit_[0-9]")
        val MODELS = Golden.root.resolve("build/models")
        val ASSETS = Golden.root.resolve("android_app/app/src/main/assets/models")

        fun open(file: File): FileChannel = FileChannel.open(file.toPath(), StandardOpenOption.READ)
    }
}
