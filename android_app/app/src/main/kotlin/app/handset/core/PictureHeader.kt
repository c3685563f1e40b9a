package app.handset.core

/** The formats that every supported Android version decodes. */
enum class PictureFormat { JPEG, PNG, WEBP, GIF, BMP }

/** What a picture's file says before anything is decoded: format, stored size, and EXIF orientation. */
data class PictureHeader(val format: PictureFormat, val width: Int, val height: Int, val orientation: Int) {
    companion object {
        /** The pixels of the largest phone cameras (16,320 × 12,240). */
        const val MAX_PIXELS = 200_000_000L

        /**
         * The header of the picture in [data], which an error calls [name].
         *
         * [InputException] for what is no picture of [PictureFormat], has more than [MAX_PIXELS], or is not 8 bits of
         * grey, palette or RGB: a decoder would narrow or convert that in its own way.
         */
        @Suppress("TooGenericExceptionCaught") // it is what reading past the end throws
        fun read(data: ByteArray, name: String): PictureHeader {
            val header =
                try {
                    parsed(data, name)
                } catch (error: IndexOutOfBoundsException) {
                    throw InputException("$name: damaged, its header cannot be read; copy or save it again", error)
                }
            if (header.width < 1 || header.height < 1) {
                throw InputException("$name: damaged, it has no pixels; copy or save it again")
            }
            val pixels = header.width.toLong() * header.height
            if (pixels > MAX_PIXELS) {
                val size = "${header.width}x${header.height}"
                throw InputException("$name: $size, more than $MAX_PIXELS pixels; scale it down")
            }
            return header
        }

        private fun parsed(data: ByteArray, name: String): PictureHeader = when {
            data.startsWith(JPEG, 0) -> JpegHeader.read(data, name)

            data.startsWith(PNG, 0) -> PngHeader.read(data, name)

            data.startsWith(RIFF, 0) && data.startsWith(WEBP, 8) -> WebpHeader.read(data)

            data.startsWith(GIF, 0) -> GifHeader.read(data)

            data.startsWith(BMP, 0) -> bmp(data)

            else -> {
                val kind = ForeignKind.of(data)
                throw InputException(
                    "$name: $kind, ${PictureFormat.entries} are read here; convert it",
                    isForeign = true
                )
            }
        }

        private fun bmp(data: ByteArray): PictureHeader {
            val os2 = data.little32(BMP_HEADER) == OS2_BYTES // its sides have two bytes
            val width = if (os2) data.little16(18) else data.little32(18)
            val height = if (os2) data.little16(20) else Math.abs(data.little32(22))
            return PictureHeader(PictureFormat.BMP, width, height, Exif.UPRIGHT)
        }

        private const val BMP_HEADER = 14
        private const val OS2_BYTES = 12
        private val JPEG = byteArrayOf(-1, -40, -1)
        private val PNG = "\u0089PNG\r\n\u001a\n".toByteArray(Charsets.ISO_8859_1)
        private val RIFF = "RIFF".toByteArray()
        private val WEBP = "WEBP".toByteArray()
        private val GIF = "GIF8".toByteArray()
        private val BMP = "BM".toByteArray()
    }
}

internal fun ByteArray.u8(at: Int): Int = this[at].toInt() and 0xff

internal fun ByteArray.big16(at: Int): Int = u8(at) shl 8 or u8(at + 1)

internal fun ByteArray.big32(at: Int): Int = big16(at) shl 16 or big16(at + 2)

internal fun ByteArray.little16(at: Int): Int = u8(at) or (u8(at + 1) shl 8)

internal fun ByteArray.little32(at: Int): Int = little16(at) or (little16(at + 2) shl 16)
