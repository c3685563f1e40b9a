package app.handset.view

import android.util.TypedValue
import android.view.View

/** Pixels of [value] density-independent ones. */
internal fun View.dp(value: Float): Float =
    TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_DIP, value, resources.displayMetrics)

/** Pixels of [value] scaled ones: text follows the size that the user chose. */
internal fun View.sp(value: Float): Float =
    TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, value, resources.displayMetrics)
