package app.handset.job

import app.handset.core.HandsetException
import app.handset.core.empty
import app.handset.core.hex
import app.handset.core.readBack
import java.io.Closeable
import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.StandardOpenOption
import java.security.MessageDigest

/**
 * A file that a job names: opened once, checked against the job's size and hash, then read through the same channel.
 */
class VerifiedFile private constructor(val channel: FileChannel) : Closeable {
    /** The whole file, mapped; the mapping stays when this is closed. */
    fun map(): ByteBuffer = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())

    override fun close() = channel.close()

    private fun sha256(): String {
        val digest = MessageDigest.getInstance("SHA-256")
        val block = ByteBuffer.allocate(BLOCK_BYTES)
        var at = 0L
        while (true) {
            val count = channel.read(block, at)
            if (count < 0) return digest.hex()
            at += count
            block.readBack()
            digest.update(block)
            block.empty()
        }
    }

    companion object {
        private const val BLOCK_BYTES = 1 shl 16

        /**
         * The file that [locate] finds for [named], which an error calls [what]; [refuse] makes the error when it is
         * missing or another one.
         *
         * [found] is called with the sha256 that the file has.
         */
        fun open(
            what: String,
            named: NamedFile,
            locate: (String) -> File,
            refuse: (String, Throwable?) -> HandsetException,
            found: (String) -> Unit
        ): VerifiedFile {
            val place = locate(named.path)
            if (!place.isFile) throw refuse("$what ${named.path} is no file that is there; push it again", null)
            val file =
                try {
                    VerifiedFile(FileChannel.open(place.toPath(), StandardOpenOption.READ))
                } catch (error: IOException) {
                    throw refuse("$what ${named.path} cannot be read; push it again", error)
                }
            val problem = file.problem(named, found) ?: return file
            file.close()
            throw refuse("$what has $problem; push it again", null)
        }

        private fun VerifiedFile.problem(named: NamedFile, found: (String) -> Unit): String? {
            if (channel.size() != named.bytes) return "${channel.size()} bytes, its job says ${named.bytes}"
            val sha256 = sha256()
            found(sha256)
            return if (sha256 == named.sha256) null else "sha256 $sha256, its job says ${named.sha256}"
        }
    }
}
