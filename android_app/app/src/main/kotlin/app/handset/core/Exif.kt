package app.handset.core

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** The orientation that an EXIF block gives a picture; upright where the block is broken. XMP is ignored. */
object Exif {
    const val UPRIGHT = 1
    val ORIENTATIONS = 1..8

    internal val HEADER = "Exif\u0000\u0000".toByteArray()
    private const val ORIENTATION_TAG = 0x0112
    private const val SHORT = 3
    private const val LONG = 4
    private const val ENTRY_BYTES = 12

    /** 1 to 8 as EXIF 2.32 numbers them, from the first directory of [block]; 1 where it is missing or unreadable. */
    fun orientation(block: ByteArray): Int {
        val skipped = if (block.startsWith(HEADER, 0)) HEADER.size else 0
        val tiff = ByteBuffer.wrap(block, skipped, block.size - skipped).slice()
        tiff.order(orderOf(tiff) ?: return UPRIGHT)
        return try {
            fromDirectory(tiff)
        } catch (_: IndexOutOfBoundsException) { // an offset beyond the block
            UPRIGHT
        }
    }

    private fun orderOf(tiff: ByteBuffer): ByteOrder? {
        if (tiff.limit() < Short.SIZE_BYTES) return null
        return when (tiff.getShort(0).toInt()) {
            0x4949 -> ByteOrder.LITTLE_ENDIAN
            0x4d4d -> ByteOrder.BIG_ENDIAN
            else -> null
        }
    }

    private fun fromDirectory(tiff: ByteBuffer): Int {
        val start = tiff.getInt(4)
        val count = tiff.getShort(start).toInt() and 0xffff
        for (entry in 0 until count) {
            val at = start + 2 + entry * ENTRY_BYTES
            val type = tiff.getShort(at + 2).toInt()
            if (tiff.getShort(at).toInt() == ORIENTATION_TAG && (type == SHORT || type == LONG)) {
                val value = if (type == SHORT) tiff.getShort(at + 8).toInt() else tiff.getInt(at + 8)
                return if (value in ORIENTATIONS) value else UPRIGHT
            }
        }
        return UPRIGHT
    }
}

/** Whether [other] is found at [at]. */
internal fun ByteArray.startsWith(other: ByteArray, at: Int): Boolean =
    at >= 0 && at + other.size <= size && other.indices.all { this[at + it] == other[it] }
