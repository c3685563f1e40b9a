package app.handset.tests

import android.app.Activity
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import org.robolectric.Shadows.shadowOf

/** What a user would see, drawn by Android's own renderer. */
object Screenshots {
    fun of(activity: Activity): Bitmap {
        val view = activity.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        var outcome = -1
        PixelCopy.request(activity.window, bitmap, { outcome = it }, Handler(Looper.getMainLooper()))
        shadowOf(Looper.getMainLooper()).idle()
        check(outcome == PixelCopy.SUCCESS) { "no picture of the screen: $outcome" }
        return bitmap
    }
}
