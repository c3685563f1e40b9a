package app.handset.tests

import android.content.ContentProvider
import android.content.ContentValues
import android.content.res.AssetFileDescriptor
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import android.os.CancellationSignal
import android.os.ParcelFileDescriptor
import java.io.File
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment

/** Another app that has pictures: it gives a file, throws, or is slow, as a test says. */
class PictureProvider : ContentProvider() {
    /** What it does when it is asked for a picture: gives the file of that name, where a test says nothing else. */
    var answer: (Uri) -> File? = { FOLDER.resolve(checkNotNull(it.lastPathSegment)) }

    /** How often it was asked. */
    val requests = AtomicInteger()

    /** The signal of the last request. */
    @Volatile
    var signal: CancellationSignal? = null

    override fun openTypedAssetFile(
        uri: Uri,
        type: String,
        options: Bundle?,
        signal: CancellationSignal?
    ): AssetFileDescriptor? {
        this.signal = signal
        requests.incrementAndGet()
        val file = answer(uri) ?: return null
        val opened = ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_ONLY)
        return AssetFileDescriptor(opened, 0, file.length())
    }

    override fun onCreate() = true

    override fun getType(uri: Uri) = "image/png"

    override fun query(uri: Uri, columns: Array<String>?, where: String?, of: Array<String>?, order: String?): Cursor? =
        null

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun update(uri: Uri, values: ContentValues?, where: String?, of: Array<String>?) = 0

    override fun delete(uri: Uri, where: String?, of: Array<String>?) = 0

    /** A picture that is not there before [arrive] is called. */
    class Cloud(private val file: File) : (Uri) -> File? {
        private val arrived = CountDownLatch(1)

        fun arrive() = arrived.countDown()

        override fun invoke(uri: Uri): File {
            check(arrived.await(PATIENCE_S, TimeUnit.SECONDS)) { "the picture never arrived" }
            return file
        }
    }

    companion object {
        private const val AUTHORITY = "app.handset.tests.pictures"
        private const val PATIENCE_S = 20L

        private val FOLDER get() = RuntimeEnvironment.getApplication().cacheDir

        /** The address of the picture called [name]. */
        fun uri(name: String): Uri = Uri.parse("content://$AUTHORITY/$name")

        /** A file with [data], which the provider gives as the picture called [name]. */
        fun put(name: String, data: ByteArray): File = FOLDER.resolve(name).apply { writeBytes(data) }

        fun install(): PictureProvider = Robolectric.setupContentProvider(PictureProvider::class.java, AUTHORITY)
    }
}
