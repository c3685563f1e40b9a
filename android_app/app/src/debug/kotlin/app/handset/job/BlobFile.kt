package app.handset.job

import app.handset.core.hex
import app.handset.core.toStart
import java.io.Closeable
import java.io.File
import java.io.FileOutputStream
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.security.MessageDigest

/** A binary file in the same folder as a result; [path] is its name. */
data class Blob(val path: String, val sha256: String, val bytes: Long) {
    fun toJson(): Map<String, Any?> = mapOf("path" to path, "sha256" to sha256, "bytes" to bytes)
}

/**
 * A file that becomes [target] only when it is complete: written beside it, flushed to the disk, renamed by [commit].
 */
class BlobFile(private val target: File) : Closeable {
    private val part = target.resolveSibling(".${target.name}$PART")
    private val file = FileOutputStream(part)
    private val digest = MessageDigest.getInstance("SHA-256")
    private var bytes = 0L

    /** Append everything in [data], from its start to its limit. */
    fun write(data: ByteBuffer) {
        val all = data.duplicate()
        all.toStart()
        digest.update(all)
        all.toStart()
        bytes += all.remaining()
        while (all.hasRemaining()) file.channel.write(all)
    }

    /** Flush the file and give it its name; its size and hash. */
    fun commit(): Blob {
        file.fd.sync()
        file.close()
        Files.move(part.toPath(), target.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        return Blob(target.name, digest.hex(), bytes)
    }

    /** Without [commit], the file is deleted. */
    override fun close() {
        file.close()
        part.delete()
    }

    companion object {
        private const val PART = ".part"

        /** Delete the unfinished files that a killed process left in [folder], which no other process writes to. */
        fun sweep(folder: File) {
            folder.listFiles { file -> file.name.startsWith(".") && file.name.endsWith(PART) }?.forEach(File::delete)
        }
    }
}
