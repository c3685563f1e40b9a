package app.handset

/** One check of the self-test on a phone. */
internal interface Check {
    val name: String

    /** Null when it passed, else what is wrong. */
    fun failure(): String?
}
