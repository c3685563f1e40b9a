package app.handset.tests

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.CRC32

/** Packed `.tflite` models, changed where a newer exporter would write something else. */
object NewerModel {
    private const val OPERATOR_CODES = 1
    private const val VERSION = 2
    private const val FUTURE = 99
    private const val FORMAT = "handset.preprocess/1"
    private const val LOCAL_HEADER = 0x04034b50
    private const val DIRECTORY_LINE = 0x02014b50

    /** The same model, whose first operator that has a version needs one that no runtime has yet. */
    fun of(model: ByteArray): ByteArray {
        val data = ByteBuffer.wrap(model.copyOf()).order(ByteOrder.LITTLE_ENDIAN)
        val codes = data.followed(checkNotNull(data.field(data.getInt(0), OPERATOR_CODES)))
        val version = (0 until data.getInt(codes)).firstNotNullOf {
            data.field(data.followed(codes + Int.SIZE_BYTES * (it + 1)), VERSION)
        }
        data.putInt(version, FUTURE)
        return data.array()
    }

    private fun ByteBuffer.followed(at: Int): Int = at + getInt(at)

    /** Where the field [index] of the table at [table] is; null where it has its default. */
    private fun ByteBuffer.field(table: Int, index: Int): Int? {
        val layout = table - getInt(table)
        val slot = Short.SIZE_BYTES * (index + 2)
        if (slot >= getShort(layout)) return null
        return getShort(layout + slot).toInt().takeIf { it != 0 }?.let { table + it }
    }

    /** The same model, whose `preprocess.json` says that it is of the next version. */
    fun preprocessing(model: ByteArray): ByteArray {
        val text = String(model, Charsets.ISO_8859_1)
        val format = text.indexOf(FORMAT)
        val changed = ByteBuffer.wrap(model.copyOf()).order(ByteOrder.LITTLE_ENDIAN)
        changed.put(format + FORMAT.length - 1, '2'.code.toByte())
        val header = (format downTo 0).first { changed.getInt(it) == LOCAL_HEADER }
        val start = header + 30 + changed.getShort(header + 26) + changed.getShort(header + 28)
        val crc = CRC32().apply { update(changed.array(), start, changed.getInt(header + 18)) }.value.toInt()
        val line = (format until model.size - 4).first {
            changed.getInt(it) == DIRECTORY_LINE && changed.getInt(it + 16) == changed.getInt(header + 14)
        }
        changed.putInt(header + 14, crc)
        changed.putInt(line + 16, crc)
        return changed.array()
    }
}
