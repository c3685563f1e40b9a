package app.handset.core

import java.io.EOFException
import java.nio.ByteBuffer
import java.util.zip.ZipException

/** One file of a zip, as the directory at its end describes it; [offset] is the position of its own header. */
data class ZipEntry(
    val name: String,
    val flags: Int,
    val method: Int,
    val crc: Long,
    val packedBytes: Long,
    val bytes: Long,
    val offset: Long
) {
    val isEncrypted: Boolean get() = flags and ENCRYPTED != 0
    val isStored: Boolean get() = method == STORED && packedBytes == bytes

    companion object {
        const val STORED = 0
        const val DEFLATED = 8
        private const val ENCRYPTED = 1
    }
}

/**
 * The directory of a zip that ends where [source] ends, whatever comes before it: an archive, or what is appended to a
 * packed model. Every number in it is checked; [ZipException] for an impossible one.
 */
class ZipDirectory private constructor(private val source: ByteSource) {
    private fun entries(maxEntries: Int): List<ZipEntry> {
        val end = find(END, END_BYTES, source.size)
        if (end == null || end.u16(END_COMMENT) != 0) {
            throw ZipException("it does not end as a zip without a comment does")
        }
        val end64 = end64()
        val bytes = end64?.getLong(END64_DIRECTORY) ?: end.u32(END_DIRECTORY)
        val offset = end64?.getLong(END64_DIRECTORY + Long.SIZE_BYTES) ?: end.u32(END_DIRECTORY + Int.SIZE_BYTES)
        val stop = source.size - END_BYTES - if (end64 == null) 0 else LOCATOR_BYTES + END64_BYTES
        if (bytes !in 0..maxEntries.toLong() * LARGEST_RECORD || bytes > stop) {
            throw ZipException("it has $bytes bytes of names, more than $maxEntries files need")
        }
        val before = stop - bytes - offset
        return records(source.read(stop - bytes, bytes.toInt()), before, maxEntries)
    }

    private fun end64(): ByteBuffer? {
        val stop = source.size - END_BYTES
        find(LOCATOR, LOCATOR_BYTES, stop) ?: return null
        return find(END64, END64_BYTES, stop - LOCATOR_BYTES)
            ?: throw ZipException("its 64-bit end is not where it should be")
    }

    private fun find(signature: Int, size: Int, stop: Long): ByteBuffer? {
        if (stop < size) return null
        return source.read(stop - size, size).takeIf { it.getInt(0) == signature }
    }

    private fun records(directory: ByteBuffer, before: Long, maxEntries: Int): List<ZipEntry> {
        val entries = ArrayList<ZipEntry>()
        while (directory.hasRemaining()) {
            if (entries.size == maxEntries) throw ZipException("it has more than $maxEntries files")
            entries += record(directory, before)
        }
        return entries
    }

    private fun record(directory: ByteBuffer, before: Long): ZipEntry {
        val at = directory.position()
        if (directory.remaining() < RECORD_BYTES || directory.getInt(at) != RECORD) {
            throw ZipException("its directory is damaged")
        }
        val nameBytes = directory.u16(at + 28)
        val extraBytes = directory.u16(at + 30)
        val stop = at + RECORD_BYTES + nameBytes + extraBytes + directory.u16(at + 32)
        if (stop > directory.limit()) throw ZipException("its directory is cut off")
        val name = ByteArray(nameBytes)
        directory.moveTo(at + RECORD_BYTES)
        directory.get(name)
        val sizes = Sizes(directory, at + RECORD_BYTES + nameBytes, extraBytes)
        val bytes = sizes.next(directory.u32(at + 24))
        val packedBytes = sizes.next(directory.u32(at + 20))
        val offset = sizes.next(directory.u32(at + 42))
        directory.moveTo(stop)
        val flags = directory.u16(at + 8)
        val charset = if (flags and UTF8 == 0) Charsets.ISO_8859_1 else Charsets.UTF_8
        val method = directory.u16(at + 10)
        return ZipEntry(
            String(name, charset),
            flags,
            method,
            directory.u32(at + 16),
            packedBytes,
            bytes,
            before + offset
        )
    }

    /** The 64-bit numbers that replace 32-bit ones, in their order, from the extra field 1. */
    private class Sizes(private val directory: ByteBuffer, start: Int, bytes: Int) {
        private var at = start
        private val stop = start + bytes

        init {
            while (at + 4 <= stop && directory.u16(at) != 1) at += 4 + directory.u16(at + 2)
            at += 4
        }

        fun next(short: Long): Long {
            if (short != ELSEWHERE) return short
            if (at + Long.SIZE_BYTES > stop) throw ZipException("its directory leaves out a size")
            val size = directory.getLong(at)
            if (size < 0) throw ZipException("its directory has a size of $size")
            at += Long.SIZE_BYTES
            return size
        }
    }

    companion object {
        private const val END = 0x06054b50
        private const val END_BYTES = 22
        private const val END_DIRECTORY = 12
        private const val END_COMMENT = 20
        private const val END64 = 0x06064b50
        private const val END64_BYTES = 56
        private const val END64_DIRECTORY = 40
        private const val LOCATOR = 0x07064b50
        private const val LOCATOR_BYTES = 20
        private const val RECORD = 0x02014b50
        private const val RECORD_BYTES = 46
        private const val LARGEST_RECORD = RECORD_BYTES + 255 + 128
        private const val UTF8 = 1 shl 11
        private const val ELSEWHERE = 0xffffffffL

        /** Whether a zip without a comment ends where [source] ends. */
        fun isAtEndOf(source: ByteSource): Boolean = ZipDirectory(source).find(END, END_BYTES, source.size) != null

        /** The files in their order; [ZipException] when there is no whole directory of at most [maxEntries]. */
        fun read(source: ByteSource, maxEntries: Int): List<ZipEntry> = try {
            ZipDirectory(source).entries(maxEntries)
        } catch (error: EOFException) {
            throw ZipException("it is cut off: ${error.message}").apply { initCause(error) }
        }
    }
}

internal fun ByteBuffer.u16(at: Int): Int = getShort(at).toInt() and 0xffff

internal fun ByteBuffer.u32(at: Int): Long = getInt(at).toLong() and 0xffffffffL
