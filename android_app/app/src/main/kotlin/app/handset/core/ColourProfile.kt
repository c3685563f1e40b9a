package app.handset.core

/**
 * Takes the ICC profile out of an encoded JPEG or PNG. Android leaves levels as they are stored, but for a profile that
 * is a table: these it converts to sRGB while it decodes.
 */
internal object ColourProfile {
    /** [data] without the profile of the picture in it, which has been read as one of [format]. */
    fun removed(data: ByteArray, format: PictureFormat): ByteArray {
        val parts =
            when (format) {
                PictureFormat.JPEG -> JpegHeader.profile(data)
                PictureFormat.PNG -> PngHeader.profile(data)
                else -> emptyList()
            }
        if (parts.isEmpty()) return data
        val kept = ByteArray(data.size - parts.sumOf { it.last - it.first + 1 })
        var from = 0
        var to = 0
        for (part in parts) {
            data.copyInto(kept, to, from, part.first)
            to += part.first - from
            from = part.last + 1
        }
        data.copyInto(kept, to, from)
        return kept
    }
}
