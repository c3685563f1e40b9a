package app.handset.tests

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.BitmapRegionDecoder
import android.graphics.Rect
import java.nio.IntBuffer
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow

/**
 * Robolectric draws with Android's own graphics, but has no decoder of regions: this one cuts them out of the whole
 * picture. With [lateRows] it is a faulty decoder, which is that many rows off after the first region.
 */
@Implements(BitmapRegionDecoder::class)
class FakeRegionDecoder {
    private var data = ByteArray(0)

    @Implementation
    fun decodeRegion(part: Rect, options: BitmapFactory.Options): Bitmap {
        val whole = BitmapFactory.decodeByteArray(data, 0, data.size, options)
        val pixels = IntArray(whole.width * whole.height).also { whole.copyPixelsToBuffer(IntBuffer.wrap(it)) }
        val first = if (part.top == 0) 0 else part.top - lateRows
        val rows = pixels.copyOfRange(first * whole.width, (first + part.height()) * whole.width)
        regions++
        return Bitmap.createBitmap(whole.width, part.height(), Bitmap.Config.ARGB_8888).apply {
            isPremultiplied = false
            copyPixelsFromBuffer(IntBuffer.wrap(rows))
        }
    }

    @Implementation
    fun recycle() = Unit

    companion object {
        var lateRows = 0
        var regions = 0

        @JvmStatic
        @Implementation
        fun newInstance(data: ByteArray, offset: Int, length: Int, shareable: Boolean): BitmapRegionDecoder {
            check(offset == 0 && length == data.size && !shareable)
            val made = Shadow.newInstanceOf(BitmapRegionDecoder::class.java)
            Shadow.extract<FakeRegionDecoder>(made).data = data
            return made
        }
    }
}
