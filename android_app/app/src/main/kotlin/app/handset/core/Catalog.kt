package app.handset.core

/** The screens that a model can be made for. */
enum class Screen(val text: String) {
    DIGIT("digit"),
    GALLERY("gallery")
}

/**
 * One model in the app's assets; [path] and [selfTest] are in the catalogue's folder. Without a [door] there is no
 * verdict.
 */
data class CatalogEntry(
    val recipe: String,
    val variant: String,
    val path: String,
    val sha256: String,
    val screen: Screen,
    val isDefault: Boolean,
    val door: Door?,
    val selfTest: String?
)

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
