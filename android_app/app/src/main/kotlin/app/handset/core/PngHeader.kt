package app.handset.core

/** A PNG's chunks (ISO/IEC 15948): the first one, and the EXIF one and the ICC profile wherever they are. */
internal object PngHeader {
    private const val FIRST_CHUNK = 8
    private const val CHUNK_BYTES = 12
    private val EXIF = "eXIf".toByteArray()
    private val PROFILE = "iCCP".toByteArray()
    private val HEADER = "IHDR".toByteArray()

    /** [IndexOutOfBoundsException] when it ends within its first chunk. */
    fun read(data: ByteArray, name: String): PictureHeader {
        if (!data.startsWith(HEADER, FIRST_CHUNK + 4)) {
            throw InputException("$name: damaged, its first chunk is no header; copy or save it again")
        }
        val bits = data.u8(FIRST_CHUNK + 16)
        if (bits > 8) {
            throw InputException("$name: $bits bits a channel, 8 are read here; save it with 8", isForeign = true)
        }
        val width = data.big32(FIRST_CHUNK + 8)
        return PictureHeader(PictureFormat.PNG, width, data.big32(FIRST_CHUNK + 12), orientation(data))
    }

    /** Where the chunks of its ICC profile are. */
    fun profile(data: ByteArray): List<IntRange> =
        chunks(data).filter { data.startsWith(PROFILE, it.first + 4) }.toList()

    private fun orientation(data: ByteArray): Int {
        val exif = chunks(data).firstOrNull { data.startsWith(EXIF, it.first + 4) } ?: return Exif.UPRIGHT
        return Exif.orientation(data.copyOfRange(exif.first + 8, exif.last + 1 - 4))
    }

    /** Where each chunk is, with its length, its name and its checksum, as far as they are whole. */
    private fun chunks(data: ByteArray): Sequence<IntRange> = sequence {
        var at = FIRST_CHUNK
        while (at + CHUNK_BYTES <= data.size) {
            val size = data.big32(at)
            if (size < 0 || size > data.size - at - CHUNK_BYTES) break
            yield(at until at + CHUNK_BYTES + size)
            at += CHUNK_BYTES + size
        }
    }
}
