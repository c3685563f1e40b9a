package app.handset

import android.app.Instrumentation
import android.os.Bundle

/** Test [current] of [count], told as JUnit's runner tells it, so that device farms list it. */
internal class ToldTest(
    private val teller: Instrumentation,
    private val name: String,
    private val current: Int = 1,
    private val count: Int = 1
) {
    fun begun() = teller.sendStatus(BEGUN, facts())

    /** It passed where [failure] is null. */
    fun ended(failure: String?) = if (failure == null) {
        teller.sendStatus(PASSED, facts())
    } else {
        teller.sendStatus(FAILED, facts().apply { putString("stack", failure) })
    }

    private fun facts() = Bundle().apply {
        putString("id", ID)
        putString("class", named())
        putString("test", name)
        putInt("numtests", count)
        putInt("current", current)
    }

    /** The instrumentation as the manifest has it; a test may have derived from it. */
    private fun named(): String =
        generateSequence<Class<*>>(teller.javaClass) { it.superclass }.first { it.superclass == ROOT }.name

    private companion object {
        val ROOT = Instrumentation::class.java
        const val ID = "Handset"
        const val BEGUN = 1
        const val PASSED = 0
        const val FAILED = -2
    }
}
