package app.handset.desktop

import app.handset.core.JobRunner
import app.handset.core.Watch
import java.io.File
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

class JobRunnerTest {
    @TempDir
    lateinit var temporary: Path

    private val runner = JobRunner(TfLiteEngine::open, ImageIoDecoder(), Machine())

    @TestFactory
    fun `every golden job ends as it has to`(): List<DynamicTest> = JobCase.all().map { case ->
        dynamicTest(case.name) {
            val out = temporary.resolve(case.name).toFile()
            val finished = runner.run(case.folder, out, Watch())
            val result = Golden.json(finished.result)
            assertEquals(case.status, result["status"], "${result["error"]}")
            if (case.status == "ok") {
                case.checkOutputs(result, out)
                case.checkFed(result, out)
                case.checkCounts(result, out)
            } else {
                assertEquals(case.errorKind, objectOf(result["error"])["kind"])
                assertEquals(listOf(finished.result), out.listFiles().orEmpty().toList<File>())
            }
        }
    }
}
