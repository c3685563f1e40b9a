package app.handset.model

import app.handset.core.BufferSource
import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.ImageSpec
import app.handset.core.PackedModel
import app.handset.core.SelfTest
import java.nio.ByteBuffer

/** Where models come from. */
interface ModelSource {
    /** The models that there are; [app.handset.core.CatalogException] when that cannot be read. */
    fun catalog(): Catalog

    /** The whole file of a model, as a direct buffer; [app.handset.core.ModelException] when it is not there. */
    fun map(entry: CatalogEntry): ByteBuffer

    /** The file that holds the self-test of a model; [app.handset.core.SelfTestException] when it is not there. */
    fun selfTest(path: String): ByteArray

    /** The self-test of a model; null where it has none. */
    fun selfTest(entry: CatalogEntry): SelfTest? =
        entry.selfTest?.let { SelfTest.read(BufferSource(ByteBuffer.wrap(selfTest(it)))) }

    /** What a model's file says without an interpreter: milliseconds for the largest one. */
    fun facts(entry: CatalogEntry): ModelFacts {
        val model = map(entry)
        val packed = PackedModel.of(model)
        return ModelFacts(model.limit(), packed.image, packed.hasPreprocessing, packed.openShape != null)
    }
}

/**
 * A model's file size, and the preprocessing of its input: its own, or the usual one of a model that has none.
 * [isAnySize]: the model takes other sizes as well.
 */
data class ModelFacts(val sizeBytes: Int, val image: ImageSpec, val hasPreprocessing: Boolean, val isAnySize: Boolean)
