package app.handset.view

import android.util.TypedValue
import android.view.View

/** The pixels of [value] density-independent pixels. */
internal fun View.dp(value: Float): Float =
    TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_DIP, value, resources.displayMetrics)

/** The pixels of [value] scaled pixels: text follows the size that the user chose. */
internal fun View.sp(value: Float): Float =
    TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, value, resources.displayMetrics)
