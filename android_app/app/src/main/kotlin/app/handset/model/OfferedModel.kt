package app.handset.model

import android.content.ContentResolver
import android.net.Uri
import android.provider.OpenableColumns
import app.handset.core.ModelException
import java.io.InputStream

/**
 * A file that the user offers as a model: chosen from the phone's storage, shared by another app, or pushed by a
 * computer, which gives its [givenName].
 */
class OfferedModel(private val resolver: ContentResolver, private val uri: Uri, private val givenName: String? = null) {
    /** What the file is called: by who gives it, or else by its provider. */
    val name: String
        get() = givenName ?: query() ?: uri.lastPathSegment.orEmpty()

    /** The file's content; [ModelException] where the provider does not give it, whatever it throws. */
    fun open(): InputStream {
        val content = try {
            resolver.openInputStream(uri)
        } catch (@Suppress("TooGenericExceptionCaught") error: Exception) { // another app's provider may throw anything
            throw gone(error)
        }
        return content ?: throw gone(null)
    }

    @Suppress("TooGenericExceptionCaught") // likewise
    private fun query(): String? = try {
        resolver.query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)?.use {
            if (it.moveToFirst()) it.getString(0) else null
        }
    } catch (_: Exception) {
        null
    }

    private fun gone(cause: Throwable?) =
        ModelException("the file is not there any more, or not for this app; choose it again", cause)
}
