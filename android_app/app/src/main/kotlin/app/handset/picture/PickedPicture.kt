package app.handset.picture

import android.content.ContentResolver
import android.graphics.Bitmap
import android.net.Uri
import app.handset.core.InputException
import app.handset.core.PictureHeader
import app.handset.model.Answer
import app.handset.model.Classifier
import java.io.IOException

/** A picture that the user chose, and the model's answer to it. */
class PickedPicture(val thumbnail: Bitmap?, val header: PictureHeader, val answer: Answer) {
    companion object {
        private const val THUMBNAIL_SIDE = 1440
        private const val NAME = "picture"

        /** Read what is behind [uri], and classify it; [InputException] when it is no picture that can be read. */
        fun classify(resolver: ContentResolver, uri: Uri, classifier: Classifier): PickedPicture {
            val data = read(resolver, uri)
            val answer = classifier.picture(data, NAME, BitmapDecoder())
            val header = PictureHeader.read(data, NAME)
            return PickedPicture(Thumbnail.of(data, header, THUMBNAIL_SIDE), header, answer)
        }

        private fun read(resolver: ContentResolver, uri: Uri): ByteArray = try {
            resolver.openInputStream(uri)?.use { it.readBytes() } ?: throw gone(null)
        } catch (error: IOException) {
            throw gone(error)
        } catch (error: SecurityException) { // the right to read it ended with the app that shared it
            throw gone(error)
        }

        private fun gone(cause: Throwable?) =
            InputException("$NAME: not there any more, or not for this app; choose it again", cause)
    }
}
