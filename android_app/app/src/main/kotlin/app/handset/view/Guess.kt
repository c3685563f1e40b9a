package app.handset.view

import java.text.NumberFormat

/** One line of an answer: a label, and how likely the model holds it, 0 to 1. */
data class Guess(val label: String, val probability: Float)

/** [fraction] as a percentage in the user's own language, one decimal. */
fun percent(fraction: Float): String = NumberFormat.getPercentInstance().run {
    minimumFractionDigits = 1
    maximumFractionDigits = 1
    format(fraction.toDouble())
}

/** Nanoseconds as milliseconds with two decimals. */
fun milliseconds(nanoseconds: Long): String = "%.2f".format(nanoseconds / NANOSECONDS_A_MILLISECOND)

private const val NANOSECONDS_A_MILLISECOND = 1e6
