package app.handset.core

/** The doggy door's answer. */
enum class Verdict(val text: String) {
    COME_IN("come in"),
    STAY_INSIDE("stay inside"),
    STAY_OUTSIDE("stay outside")
}

/** The doggy-door rule over label indices: a dog comes in, a cat stays inside, anything else stays outside. */
data class Door(val dog: IntRange, val cat: IntRange) {
    /** The verdict on the top-1 [label]. */
    fun answer(label: Int): Verdict = when (label) {
        in dog -> Verdict.COME_IN
        in cat -> Verdict.STAY_INSIDE
        else -> Verdict.STAY_OUTSIDE
    }
}
