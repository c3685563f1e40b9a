package app.handset

/** One thing that a phone can prove of itself. */
internal interface Check {
    val name: String

    /** Null when it holds, else what does not. */
    fun failure(): String?
}
