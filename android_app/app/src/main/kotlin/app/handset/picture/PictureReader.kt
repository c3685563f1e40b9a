package app.handset.picture

import android.content.ContentResolver
import android.net.Uri
import android.os.CancellationSignal
import app.handset.core.InputException
import kotlin.concurrent.thread

/**
 * Reads the file behind a URI on a thread of its own: it may lie in a cloud, and another app has to fetch it first.
 */
class PictureReader(private val resolver: ContentResolver) {
    /**
     * Read [uri], and give [done] its bytes on the thread that read them; in their place an [InputException], or an
     * [OutOfMemoryError], where there are none.
     *
     * The signal that is returned ends it early; the other app may obey late, or not at all.
     */
    fun read(uri: Uri, done: (Result<ByteArray>) -> Unit): CancellationSignal {
        val signal = CancellationSignal()
        thread(name = NAME) { done(read(uri, signal)) }
        return signal
    }

    /** The app that has the picture may throw anything, and Android throws it here. */
    @Suppress("TooGenericExceptionCaught")
    private fun read(uri: Uri, signal: CancellationSignal): Result<ByteArray> = try {
        val data = resolver.openAssetFileDescriptor(uri, "r", signal)?.use { file ->
            file.createInputStream().use { stream ->
                signal.setOnCancelListener { runCatching(stream::close) }
                stream.readBytes()
            }
        }
        if (data == null) Result.failure(gone(null)) else Result.success(data)
    } catch (error: Exception) {
        Result.failure(gone(error))
    } catch (error: OutOfMemoryError) {
        Result.failure(error)
    }

    private fun gone(cause: Throwable?) =
        InputException("$NAME: not there any more, or not for this app; choose it again", cause)

    companion object {
        /** What messages call a picture that the user chose. */
        const val NAME = "picture"
    }
}
