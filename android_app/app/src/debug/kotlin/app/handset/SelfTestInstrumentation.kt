package app.handset

import android.app.Activity
import android.app.Instrumentation
import android.os.Bundle
import app.handset.core.CatalogException

/**
 * Checks on a phone what a desktop cannot: `am instrument -w -r app.handset/.SelfTestInstrumentation`.
 *
 * Every check is reported as a JUnit test.
 */
open class SelfTestInstrumentation : Instrumentation() {
    override fun onCreate(arguments: Bundle?) {
        super.onCreate(arguments)
        start()
    }

    override fun onStart() {
        super.onStart()
        val checks = try {
            StripsCheck.all() + ModelCheck.all(targetContext.applicationContext as HandsetApplication)
        } catch (error: CatalogException) {
            return finish(Activity.RESULT_CANCELED, Bundle().apply { putString("shortMsg", error.message) })
        }
        val failures = checks.mapIndexedNotNull { index, check ->
            val test = TestReporter(this, check.name, index + 1, checks.size).apply { started() }
            check.failure().also(test::ended)
        }
        val summary = if (failures.isEmpty()) "OK (${checks.size} tests)" else failures.joinToString("\n")
        finish(Activity.RESULT_OK, Bundle().apply { putString("stream", "\n$summary\n") })
    }
}
