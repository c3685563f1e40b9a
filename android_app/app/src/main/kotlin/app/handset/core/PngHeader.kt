package app.handset.core

/** A PNG's chunks (ISO/IEC 15948): the first one, and the EXIF one wherever it is. */
internal object PngHeader {
    private const val FIRST_CHUNK = 8
    private const val CHUNK_BYTES = 12
    private val EXIF = "eXIf".toByteArray()
    private val HEADER = "IHDR".toByteArray()

    /** [IndexOutOfBoundsException] when it ends within its first chunk. */
    fun read(data: ByteArray, name: String): PictureHeader {
        if (!data.startsWith(HEADER, FIRST_CHUNK + 4)) {
            throw InputException("$name: damaged, its first chunk is no header; copy or save it again")
        }
        val bits = data.u8(FIRST_CHUNK + 16)
        if (bits > 8) throw InputException("$name: $bits bits a channel, 8 are read here; save it with 8")
        val width = data.big32(FIRST_CHUNK + 8)
        return PictureHeader(PictureFormat.PNG, width, data.big32(FIRST_CHUNK + 12), orientation(data))
    }

    private fun orientation(data: ByteArray): Int {
        var at = FIRST_CHUNK
        while (at + CHUNK_BYTES <= data.size) {
            val size = data.big32(at)
            if (size < 0 || size > data.size - at - CHUNK_BYTES) break
            if (data.startsWith(EXIF, at + 4)) return Exif.orientation(data.copyOfRange(at + 8, at + 8 + size))
            at += CHUNK_BYTES + size
        }
        return Exif.UPRIGHT
    }
}
