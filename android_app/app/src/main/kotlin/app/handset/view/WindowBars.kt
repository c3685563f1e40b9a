package app.handset.view

import android.os.Build
import android.view.View
import android.view.WindowInsets

/**
 * Pads [view] by what the system's bars and the camera's cutout cover of it. Android 15 and newer draw apps behind.
 * Where the system keeps the app clear of them by itself, nothing is covered.
 */
internal fun keepClearOfBars(view: View) {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return
    view.setOnApplyWindowInsetsListener { _, insets ->
        val covered = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout())
        view.setPadding(covered.left, covered.top, covered.right, covered.bottom)
        WindowInsets.CONSUMED
    }
}
