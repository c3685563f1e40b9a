package app.handset

import android.app.Instrumentation
import android.os.Bundle

/** Reports test [current] of [count] as JUnit's runner does, so that device farms list it. */
internal class TestReporter(
    private val instrumentation: Instrumentation,
    private val name: String,
    private val current: Int,
    private val count: Int
) {
    fun started() = instrumentation.sendStatus(STARTED, description())

    /** The test ended; it passed where [failure] is null. */
    fun ended(failure: String?) = if (failure == null) {
        instrumentation.sendStatus(PASSED, description())
    } else {
        instrumentation.sendStatus(FAILED, description().apply { putString("stack", failure) })
    }

    private fun description() = Bundle().apply {
        putString("id", ID)
        putString("class", className())
        putString("test", name)
        putInt("numtests", count)
        putInt("current", current)
    }

    /** The class of the instrumentation that the manifest names; a test may use a subclass of it. */
    private fun className(): String =
        generateSequence<Class<*>>(instrumentation.javaClass) { it.superclass }.first { it.superclass == ROOT }.name

    private companion object {
        val ROOT = Instrumentation::class.java
        const val ID = "Handset"
        const val STARTED = 1
        const val PASSED = 0
        const val FAILED = -2
    }
}
