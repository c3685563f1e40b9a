package app.handset.picture

import android.graphics.Bitmap
import app.handset.core.PictureHeader
import app.handset.model.Answer
import app.handset.model.Classifier

/** A picture that the user chose, and the model's answer to it. */
class PickedPicture(val thumbnail: Bitmap?, val header: PictureHeader, val answer: Answer) {
    companion object {
        private const val THUMBNAIL_SIDE = 1440

        /** Classify the encoded picture in [data]; [app.handset.core.InputException] when it cannot be decoded. */
        fun classify(data: ByteArray, classifier: Classifier): PickedPicture {
            val answer = classifier.picture(data, PictureReader.NAME, BitmapDecoder())
            val header = PictureHeader.read(data, PictureReader.NAME)
            return PickedPicture(Thumbnail.of(data, header, THUMBNAIL_SIDE), header, answer)
        }
    }
}
