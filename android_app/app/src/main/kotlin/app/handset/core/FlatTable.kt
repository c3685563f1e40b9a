package app.handset.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * A table of a FlatBuffer, read without its schema: a field is known by its number. What is not there is null or empty.
 *
 * Offsets that lead outside of [data] throw [IndexOutOfBoundsException]. Layout: https://flatbuffers.dev/internals
 */
internal class FlatTable private constructor(private val data: ByteBuffer, private val at: Int) {
    private val fields = at - data.getInt(at)
    private val fieldBytes = data.getShort(fields).toInt() and MASK

    fun byte(field: Int): Int = find(field)?.let { data.get(it).toInt() } ?: 0

    fun int(field: Int): Int = find(field)?.let { data.getInt(it) } ?: 0

    fun table(field: Int): FlatTable? = target(field)?.let { FlatTable(data, it) }

    fun tables(field: Int): List<FlatTable> = elements(field, Int.SIZE_BYTES) { FlatTable(data, forward(it)) }

    fun ints(field: Int): List<Int> = elements(field, Int.SIZE_BYTES, data::getInt)

    fun longs(field: Int): List<Long> = elements(field, Long.SIZE_BYTES, data::getLong)

    fun floats(field: Int): List<Double> = elements(field, Float.SIZE_BYTES) { data.getFloat(it).toDouble() }

    fun text(field: Int): String? = bytes(field)?.let { Charsets.UTF_8.decode(it).toString() }

    /** A vector of bytes, not copied. */
    fun bytes(field: Int): ByteBuffer? {
        val start = target(field) ?: return null
        return part(data, start + Int.SIZE_BYTES, data.getInt(start))
    }

    private fun find(field: Int): Int? {
        val entry = HEADER_BYTES + field * Short.SIZE_BYTES
        if (entry + Short.SIZE_BYTES > fieldBytes) return null
        val distance = data.getShort(fields + entry).toInt() and MASK
        return if (distance == 0) null else at + distance
    }

    private fun target(field: Int): Int? = find(field)?.let(::forward)

    private fun forward(from: Int): Int = from + data.getInt(from)

    private fun <T> elements(field: Int, size: Int, read: (Int) -> T): List<T> {
        val start = target(field) ?: return emptyList()
        val count = data.getInt(start)
        if (count !in 0..MOST_ELEMENTS) throw IndexOutOfBoundsException("a vector of $count elements")
        return List(count) { read(start + Int.SIZE_BYTES + it * size) }
    }

    companion object {
        private const val HEADER_BYTES = 4
        private const val MASK = 0xffff

        /** More than a model has of anything that is read here; a damaged count must not fill the memory. */
        private const val MOST_ELEMENTS = 1 shl 20

        /** The root of the FlatBuffer in [data], whose bytes 4 to 8 are [identifier]; null where they are not. */
        fun root(data: ByteBuffer, identifier: String): FlatTable? {
            val ordered = data.duplicate().order(ByteOrder.LITTLE_ENDIAN)
            if (ordered.limit() < 2 * Int.SIZE_BYTES) return null
            val found = Charsets.ISO_8859_1.decode(part(ordered, Int.SIZE_BYTES, identifier.length)).toString()
            return if (found == identifier) FlatTable(ordered, ordered.getInt(0)) else null
        }

        private fun part(data: ByteBuffer, start: Int, count: Int): ByteBuffer {
            if (start < 0 || count < 0 || start > data.limit() - count) {
                throw IndexOutOfBoundsException("bytes $start to ${start.toLong() + count} of ${data.limit()}")
            }
            val part = data.duplicate()
            part.endAt(start + count)
            part.moveTo(start)
            return part.slice().order(ByteOrder.LITTLE_ENDIAN)
        }
    }
}
