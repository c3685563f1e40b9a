package app.handset.core

/** A JPEG's segments up to its first scan (ITU-T T.81, annex B). */
internal object JpegHeader {
    private const val APP1 = 0xe1
    private const val APP2 = 0xe2
    private const val MARK = 0xff
    private const val FIRST_SEGMENT = 2
    private const val PRECISION_BITS = 8
    private const val CMYK = 4
    private val FRAMES = (0xc0..0xcf).toSet() - setOf(0xc4, 0xc8, 0xcc)

    /** Baseline, extended and progressive, with Huffman or arithmetic coding. */
    private val READ_FRAMES = setOf(0xc0, 0xc1, 0xc2, 0xc9, 0xca)
    private val PROFILE = "ICC_PROFILE\u0000".toByteArray()
    private val ALONE = (0xd0..0xd8).toSet() + 0x00 + 0x01 + MARK
    private val ENDS = setOf(0xd9, 0xda)

    /** [IndexOutOfBoundsException] when it ends before its first scan. */
    fun read(data: ByteArray, name: String): PictureHeader {
        val segments = segments(data)
        val frame = segments.firstOrNull { data.u8(it - 1) in FRAMES }
            ?: throw InputException("$name: damaged, it has no frame; copy or save it again")
        refuseOther(data.u8(frame - 1), data.u8(frame + 2), data.u8(frame + 7), name)
        val exif = segments.firstOrNull { data.u8(it - 1) == APP1 && data.startsWith(Exif.HEADER, it + 2) }
        val orientation = if (exif == null) Exif.UPRIGHT else Exif.orientation(block(data, exif))
        return PictureHeader(PictureFormat.JPEG, data.big16(frame + 5), data.big16(frame + 3), orientation)
    }

    /** Where the segments of its ICC profile are, markers included (ICC.1, annex B.4). */
    fun profile(data: ByteArray): List<IntRange> = segments(data)
        .filter { data.u8(it - 1) == APP2 && data.startsWith(PROFILE, it + 2) }
        .map { it - 2 until minOf(it + data.big16(it), data.size) }

    /** Where the lengths of the segments before the first scan are; a marker is the byte before. */
    private fun segments(data: ByteArray): List<Int> = buildList {
        var at = FIRST_SEGMENT
        while (true) {
            while (data.u8(at) != MARK || data.u8(at + 1) in ALONE) at++ // padding, and markers without a segment
            at += 2
            if (data.u8(at - 1) in ENDS) break
            add(at)
            at += data.big16(at)
        }
    }

    private fun block(data: ByteArray, segment: Int): ByteArray =
        data.copyOfRange(segment + 2, minOf(segment + data.big16(segment), data.size))

    private fun refuseOther(marker: Int, precision: Int, channels: Int, name: String) {
        val refusal = when {
            marker !in READ_FRAMES ->
                "a lossless or hierarchical JPEG (frame ${marker.toString(16).uppercase()}) is not read here; " +
                    "save it as ordinary JPEG"

            precision != PRECISION_BITS -> "$precision bits a channel, $PRECISION_BITS are read here; save it with 8"

            channels == CMYK -> "$channels channels (CMYK), grey or RGB is read here; save it as RGB"

            channels != 1 && channels != 3 -> "$channels channels, grey or RGB is read here; save it as RGB"

            else -> return
        }
        throw InputException("$name: $refusal", isForeign = true)
    }
}
