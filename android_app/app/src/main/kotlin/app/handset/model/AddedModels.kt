package app.handset.model

import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.ModelException
import app.handset.core.ModelProblem
import app.handset.core.SelfTestException
import java.io.DataInputStream
import java.io.EOFException
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** Models that the user brought to this phone, in a [folder] of the app's own until they are removed. */
class AddedModels(private val folder: File) : ModelSource {
    override fun catalog(): Catalog {
        val paths = folder.list().orEmpty().filter { it.endsWith(CatalogEntry.MODEL_SUFFIX) }.sorted()
        return Catalog(
            paths.map { path ->
                CatalogEntry.uncatalogued(path, isAdded = true) { map(File(folder, path)) }
            }
        )
    }

    override fun map(entry: CatalogEntry): ByteBuffer = map(File(folder, entry.path))

    private fun map(file: File): ByteBuffer = try {
        file.inputStream().channel.use { it.map(FileChannel.MapMode.READ_ONLY, 0, it.size()) }
    } catch (error: IOException) {
        throw ModelException("${file.name} is not on this phone any more; add it again", error)
    }

    override fun selfTest(path: String): ByteArray =
        throw SelfTestException("$path does not exist: a model that was added has no self-test")

    /**
     * Keep the model in [content] under [name], in place of one of that name, after [check] has taken it.
     *
     * [ModelException] when it is no model, or cannot be kept; then everything is as it was.
     */
    fun add(name: String, content: InputStream, check: (CatalogEntry, ByteBuffer) -> Unit): CatalogEntry {
        val file = File(folder, fileName(name))
        val part = File(folder, "${file.name}.part")
        try {
            folder.mkdirs()
            copy(content, part)
            val entry = CatalogEntry.uncatalogued(file.name, isAdded = true) { map(part) }
            check(entry, map(part))
            if (!part.renameTo(file)) throw IOException("the file cannot be renamed")
            return entry
        } catch (error: IOException) {
            throw ModelException(
                "the file cannot be kept: ${error.message}; free some storage, and add it again",
                error
            )
        } finally {
            part.delete()
        }
    }

    /** Its first bytes are looked at first, so that a film is refused before it fills the phone. */
    private fun copy(content: InputStream, to: File) {
        val start = ByteArray(START_BYTES)
        try {
            DataInputStream(content).readFully(start)
        } catch (_: EOFException) {
            refuse()
        }
        if (String(start, IDENTIFIER_AT, IDENTIFIER.length, Charsets.ISO_8859_1) != IDENTIFIER) refuse()
        to.outputStream().use {
            it.write(start)
            content.copyTo(it)
        }
    }

    private fun refuse(): Nothing =
        throw ModelException("this is no .tflite file; take another one", null, ModelProblem.NO_MODEL_FILE)

    fun remove(entry: CatalogEntry) {
        File(folder, entry.path).delete()
    }

    private companion object {
        const val IDENTIFIER = "TFL3"
        const val IDENTIFIER_AT = 4
        const val START_BYTES = 8
        const val LONGEST_NAME = 60
        val NO_NAME = Regex("""[^\p{L}\p{N}._-]+""")

        /** A name of letters, digits and a few signs: what a provider calls its file may be a path, or nothing. */
        fun fileName(name: String): String {
            val stem = name.substringAfterLast('/').removeSuffix(CatalogEntry.MODEL_SUFFIX).replace(NO_NAME, "_")
            return stem.trim('.', '_').take(LONGEST_NAME).ifEmpty { "model" } + CatalogEntry.MODEL_SUFFIX
        }
    }
}
