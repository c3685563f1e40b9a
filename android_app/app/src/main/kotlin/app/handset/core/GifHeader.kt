package app.handset.core

/** A GIF's canvas: its logical screen, and where its first frame reaches beyond that, as far as the frame. */
internal object GifHeader {
    private const val SCREEN = 6
    private const val FLAGS = 10
    private const val SCREEN_BYTES = 13
    private const val HAS_PALETTE = 0x80
    private const val PALETTE_SIZE = 7
    private const val BYTES_A_COLOUR = 3
    private const val EXTENSION = 0x21
    private const val FRAME = 0x2c

    /** [IndexOutOfBoundsException] when it ends before its first frame. */
    fun read(data: ByteArray): PictureHeader {
        val frame = firstFrame(data)
        val width = maxOf(data.little16(SCREEN), data.little16(frame) + data.little16(frame + 4))
        val height = maxOf(data.little16(SCREEN + 2), data.little16(frame + 2) + data.little16(frame + 6))
        return PictureHeader(PictureFormat.GIF, width, height, Exif.UPRIGHT)
    }

    /** Where the first frame's left, top, width and height are. */
    private fun firstFrame(data: ByteArray): Int {
        val flags = data.u8(FLAGS)
        val colours = if (flags and HAS_PALETTE == 0) 0 else 2 shl (flags and PALETTE_SIZE)
        var at = SCREEN_BYTES + BYTES_A_COLOUR * colours
        while (data.u8(at) != FRAME) at = if (data.u8(at) == EXTENSION) afterBlocks(data, at + 2) else at + 1
        return at + 1
    }

    private fun afterBlocks(data: ByteArray, start: Int): Int {
        var at = start
        while (data.u8(at) != 0) at += data.u8(at) + 1
        return at + 1
    }
}
