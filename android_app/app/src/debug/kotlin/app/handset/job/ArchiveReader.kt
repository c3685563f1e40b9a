package app.handset.job

import app.handset.core.ByteSource
import app.handset.core.InputsException
import app.handset.core.ZipDirectory
import app.handset.core.ZipEntry
import app.handset.core.content
import app.handset.core.oneLine
import java.util.zip.ZipException

/** A stored zip with `count` entries in their order; [InputsException] for all that docs/formats.md refuses. */
class ArchiveReader(private val source: ByteSource, count: Int) {
    private val entries: Map<String, ZipEntry>

    /** The names of the entries. */
    val names: List<String>

    init {
        val listed =
            try {
                ZipDirectory.read(source, count)
            } catch (error: ZipException) {
                throw InputsException("the archive cannot be read: ${error.message}; $REMEDY", error)
            }
        names = listed.map { it.name }
        entries = listed.associateBy { it.name }
        if (names.size != count) refuse("has ${names.size} entries, its job says $count")
        if (entries.size != count) refuse("has names that repeat")
        for (entry in listed) {
            problem(entry)?.let { refuse("has an entry ${entry.name.oneLine().take(MAX_SHOWN)} that $it") }
        }
        if (listed[0].offset != 0L || listed.sumOf { it.bytes } > source.size) {
            refuse("has entries that do not lie one after the other")
        }
    }

    /** The bytes of the entry [name], whose checksum is right. */
    fun read(name: String): ByteArray {
        val entry = entries[name] ?: throw InputsException("the archive has no entry $name; name one that it has")
        try {
            return source.content(entry, MAX_ENTRY_BYTES)
        } catch (error: ZipException) {
            throw InputsException("the archive's entry ${error.message}; $REMEDY", error)
        }
    }

    private fun problem(entry: ZipEntry): String? {
        val name = entry.name
        return when {
            name.length !in 1..MAX_NAME || name == "." || name == ".." -> "is not a bare name"
            name.any { it in "/\\:" || it < ' ' } -> "is not a bare name"
            entry.isEncrypted -> "is encrypted"
            !entry.isStored -> "is compressed"
            entry.bytes > MAX_ENTRY_BYTES -> "has ${entry.bytes} bytes, more than $MAX_ENTRY_BYTES"
            else -> null
        }
    }

    private fun refuse(what: String): Nothing = throw InputsException("the archive $what; $REMEDY")

    private companion object {
        const val MAX_ENTRY_BYTES = 64_000_000
        const val MAX_NAME = 255
        const val MAX_SHOWN = 80
        const val REMEDY = "make the archive again"
    }
}
