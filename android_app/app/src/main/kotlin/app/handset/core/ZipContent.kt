package app.handset.core

import java.io.EOFException
import java.util.zip.CRC32
import java.util.zip.DataFormatException
import java.util.zip.Inflater
import java.util.zip.ZipException

private const val LOCAL = 0x04034b50
private const val LOCAL_BYTES = 30

/** The bytes of [entry]; [ZipException] when it is encrypted, damaged, or larger than [limit]. */
fun ByteSource.content(entry: ZipEntry, limit: Int): ByteArray {
    if (entry.isEncrypted) throw ZipException("${entry.name} is encrypted")
    if (entry.bytes > limit || entry.packedBytes > limit) throw ZipException("${entry.name} has more than $limit bytes")
    val packed =
        try {
            packed(entry)
        } catch (error: EOFException) {
            throw ZipException("${entry.name} is cut off: ${error.message}").apply { initCause(error) }
        }
    val content =
        when (entry.method) {
            ZipEntry.STORED -> packed
            ZipEntry.DEFLATED -> inflated(entry, packed)
            else -> throw ZipException("${entry.name} is compressed by method ${entry.method}")
        }
    val crc = CRC32().apply { update(content) }.value
    if (content.size.toLong() != entry.bytes || crc != entry.crc) throw ZipException("${entry.name} is damaged")
    return content
}

private fun ByteSource.packed(entry: ZipEntry): ByteArray {
    val local = read(entry.offset, LOCAL_BYTES)
    if (local.getInt(0) != LOCAL) throw ZipException("${entry.name} is not where the directory says")
    val start = entry.offset + LOCAL_BYTES + local.u16(26) + local.u16(28)
    return ByteArray(entry.packedBytes.toInt()).also { read(start, it.size).get(it) }
}

private fun inflated(entry: ZipEntry, packed: ByteArray): ByteArray {
    val content = ByteArray(entry.bytes.toInt())
    val inflater = Inflater(true)
    try {
        inflater.setInput(packed)
        var done = 0
        while (!inflater.finished()) {
            val count = inflater.inflate(content, done, content.size - done)
            if (count == 0 && !inflater.finished()) throw ZipException("${entry.name} is damaged")
            done += count
        }
        return content.copyOf(done)
    } catch (error: DataFormatException) {
        throw ZipException("${entry.name} is damaged: ${error.message}").apply { initCause(error) }
    } finally {
        inflater.end()
    }
}
