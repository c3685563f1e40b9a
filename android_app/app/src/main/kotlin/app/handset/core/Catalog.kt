package app.handset.core

import java.nio.ByteBuffer

/** The screens that a model can be made for. */
enum class Screen(val text: String) {
    DIGIT("digit"),
    GALLERY("gallery")
}

/**
 * One model; [path] and [selfTest] are in its folder. Without a [door] there is no verdict. One that [isAdded] was
 * brought to this phone by its user. What no catalogue names has no [variant] and no [sha256].
 */
data class CatalogEntry(
    val recipe: String,
    val variant: String,
    val path: String,
    val sha256: String,
    val screen: Screen,
    val isDefault: Boolean,
    val door: Door?,
    val selfTest: String?,
    val isAdded: Boolean = false
) {
    companion object {
        const val MODEL_SUFFIX = ".tflite"

        /**
         * The entry of a file that no catalogue names: for drawings where it says how to lay them out, else for
         * pictures. One that cannot be read has an entry too; it is refused with its reason when it is used.
         */
        fun uncatalogued(path: String, isAdded: Boolean, open: () -> ByteBuffer): CatalogEntry {
            val takesDrawings = try {
                PackedModel.of(open()).image.digit != null
            } catch (_: ModelException) {
                false
            }
            return CatalogEntry(
                recipe = path.removeSuffix(MODEL_SUFFIX),
                variant = "",
                path = path,
                sha256 = "",
                screen = if (takesDrawings) Screen.DIGIT else Screen.GALLERY,
                isDefault = false,
                door = null,
                selfTest = null,
                isAdded = isAdded
            )
        }
    }
}

/** `catalog.json`, `handset.catalog/1`: the models in the order in which the app offers them. */
data class Catalog(val models: List<CatalogEntry>) {
    /** The model that [screen] uses until the user chooses: its first default, else its first model, else null. */
    fun default(screen: Screen): CatalogEntry? {
        val there = models.filter { it.screen == screen }
        return there.firstOrNull { it.isDefault } ?: there.firstOrNull()
    }

    companion object {
        const val FILE = "catalog.json"
        private const val FORMAT = "handset.catalog/1"
        private const val REMEDY = "run `make export` and install the app again"

        /** The catalogue that [data] is the JSON of; [CatalogException] for anything else. */
        fun read(data: ByteArray): Catalog {
            val fields = JsonFields.read(data, FILE, REMEDY, ::CatalogException)
            fields.format(FORMAT)
            return Catalog(fields.children("models").map(::entry))
        }

        private fun entry(fields: JsonFields) = CatalogEntry(
            recipe = fields.text("recipe"),
            variant = fields.text("variant"),
            path = fields.text("path"),
            sha256 = fields.sha256("sha256"),
            screen = fields.choice("screen", Screen.entries) { it.text },
            isDefault = fields.flag("default"),
            door = if (fields.has("door")) fields.optional("door") { door(fields.child(it)) } else null,
            selfTest = if (fields.has("self_test")) fields.optional("self_test", fields::text) else null
        )

        private fun door(fields: JsonFields) = Door(range(fields, "dog"), range(fields, "cat"))

        private fun range(fields: JsonFields, name: String): IntRange {
            val ends = fields.integers(name, 0..Int.MAX_VALUE)
            if (ends.size != 2 || ends[0] > ends[1]) fields.refuse(name, "[first, last]")
            return ends[0]..ends[1]
        }
    }
}
