package app.handset.core

/** Decodes pictures, as stored, to 8 bits and straight alpha, whole or in strips. Colour profiles are ignored. */
fun interface PictureDecoder {
    /**
     * Decode the picture in [data] into [sink], which turns it; an error names it [name].
     *
     * [InputException] for anything but a complete picture that [PictureHeader] accepts.
     */
    fun decode(data: ByteArray, name: String, sink: PictureSink)
}
