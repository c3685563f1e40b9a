package app.handset.core

/** Decodes pictures, as stored, to 8 bits and straight alpha, whole or in strips. Colour profiles are ignored. */
fun interface PictureDecoder {
    /**
     * Put the picture in [data] into [sink], which turns it; an error calls it [name].
     *
     * [InputException] for what is no whole picture, or is refused by [PictureHeader].
     */
    fun decode(data: ByteArray, name: String, sink: PictureSink)
}
