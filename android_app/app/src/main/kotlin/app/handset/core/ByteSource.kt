package app.handset.core

import java.io.EOFException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/** Bytes that can be read at any position: an open file, or a buffer. */
interface ByteSource {
    val size: Long

    /** [count] bytes from [at] on, little-endian; [EOFException] when they are not all there. */
    fun read(at: Long, count: Int): ByteBuffer
}

/** The bytes of [buffer], which are not copied. */
class BufferSource(private val buffer: ByteBuffer) : ByteSource {
    override val size: Long = buffer.limit().toLong()

    override fun read(at: Long, count: Int): ByteBuffer {
        requireInside(at, count)
        val part = buffer.duplicate()
        part.endAt((at + count).toInt())
        part.moveTo(at.toInt())
        return part.slice().order(ByteOrder.LITTLE_ENDIAN)
    }
}

/** The bytes of the file behind [channel], read on each call. */
class FileSource(private val channel: FileChannel) : ByteSource {
    override val size: Long = channel.size()

    override fun read(at: Long, count: Int): ByteBuffer {
        requireInside(at, count)
        val part = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN)
        while (part.hasRemaining()) {
            if (channel.read(part, at + part.position()) < 0) throw EOFException("the file became shorter")
        }
        part.readBack()
        return part
    }
}

private fun ByteSource.requireInside(at: Long, count: Int) {
    if (at < 0 || count < 0 || at > size - count) {
        throw EOFException("bytes $at to ${at + count} of $size are not there")
    }
}
