package app.handset.core

/** What a file is that does not begin like a picture of [PictureFormat]. */
internal object ForeignKind {
    private const val MAJOR_BRAND = 8
    private const val COMPATIBLE_BRANDS = 16
    private const val BRAND_BYTES = 4
    private val CONTAINER = "ftyp".toByteArray() // an ISO base media file, which videos are too
    private val BRANDS =
        listOf("avif", "avis").associateWith { "AVIF" } +
            listOf("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1")
                .associateWith { "HEIF" } +
            ("crx " to "camera raw")
    private val SIGNATURES =
        mapOf(
            "II*\u0000" to "TIFF or camera raw",
            "MM\u0000*" to "TIFF or camera raw",
            "\u00ff\u000a" to "JPEG XL",
            "\u0000\u0000\u0000\u000cJXL " to "JPEG XL",
            "%PDF" to "PDF"
        ).mapKeys { it.key.toByteArray(Charsets.ISO_8859_1) }

    /** "HEIF", "TIFF or camera raw", "video" and so on; "no picture" for what has none of the known beginnings. */
    fun of(data: ByteArray): String {
        if (data.startsWith(CONTAINER, BRAND_BYTES)) return brands(data).firstNotNullOfOrNull { BRANDS[it] } ?: "video"
        return SIGNATURES.entries.firstOrNull { data.startsWith(it.key, 0) }?.value ?: "no picture"
    }

    /** The major brand, then those that the file is compatible with. */
    private fun brands(data: ByteArray): Sequence<String> {
        val end = if (data.big32(0) in 0..data.size) data.big32(0) else data.size
        val places = sequenceOf(MAJOR_BRAND) + (COMPATIBLE_BRANDS..end - BRAND_BYTES step BRAND_BYTES)
        return places.filter { it + BRAND_BYTES <= data.size }
            .map { String(data, it, BRAND_BYTES, Charsets.ISO_8859_1) }
    }
}
