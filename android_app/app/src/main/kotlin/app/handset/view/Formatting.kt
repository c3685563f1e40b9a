package app.handset.view

import android.content.res.Resources
import app.handset.R
import app.handset.model.Prediction
import java.text.NumberFormat

/** The text of [prediction] for a screen reader. */
fun Resources.spoken(prediction: Prediction): String =
    getString(R.string.guess_description, prediction.label, "%.1f".format(prediction.probability * HUNDRED))

/** [fraction] as a percentage in the user's own language, one decimal. */
fun percent(fraction: Float): String = NumberFormat.getPercentInstance().run {
    minimumFractionDigits = 1
    maximumFractionDigits = 1
    format(fraction.toDouble())
}

/** Nanoseconds as milliseconds with two decimals. */
fun milliseconds(nanoseconds: Long): String = "%.2f".format(nanoseconds / NANOSECONDS_A_MILLISECOND)

private const val HUNDRED = 100
private const val NANOSECONDS_A_MILLISECOND = 1e6
