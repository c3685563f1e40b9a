package app.handset.core

/** A WebP's chunks: the first one has the size, in one of three ways, and the EXIF one is anywhere after it. */
internal object WebpHeader {
    private const val FIRST_CHUNK = 12
    private const val CHUNK_HEADER_BYTES = 8
    private const val MASK_14 = 0x3fff
    private const val MASK_24 = 0xffffff
    private val EXTENDED = "VP8X".toByteArray()
    private val LOSSLESS = "VP8L".toByteArray()
    private val EXIF = "EXIF".toByteArray()

    /** [IndexOutOfBoundsException] when it ends within its first chunk. */
    fun read(data: ByteArray): PictureHeader {
        val at = FIRST_CHUNK + CHUNK_HEADER_BYTES
        val (width, height) =
            when {
                data.startsWith(EXTENDED, FIRST_CHUNK) ->
                    (data.little32(at + 3) ushr 8 and MASK_24) + 1 to (data.little32(at + 6) ushr 8 and MASK_24) + 1

                data.startsWith(LOSSLESS, FIRST_CHUNK) ->
                    (data.little32(at + 1) and MASK_14) + 1 to (data.little32(at + 1) ushr 14 and MASK_14) + 1

                else -> (data.little16(at + 6) and MASK_14) to (data.little16(at + 8) and MASK_14)
            }
        return PictureHeader(PictureFormat.WEBP, width, height, orientation(data))
    }

    private fun orientation(data: ByteArray): Int {
        var at = FIRST_CHUNK
        while (at + CHUNK_HEADER_BYTES <= data.size) {
            val size = data.little32(at + 4)
            val start = at + CHUNK_HEADER_BYTES
            if (size < 0 || size > data.size - start) break
            if (data.startsWith(EXIF, at)) return Exif.orientation(data.copyOfRange(start, start + size))
            at = start + size + (size and 1)
        }
        return Exif.UPRIGHT
    }
}
