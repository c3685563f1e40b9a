package app.handset.desktop

import app.handset.core.Golden
import app.handset.core.objectOf
import app.handset.job.JobProgress
import app.handset.job.JobRunner
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

    private val runner = JobRunner(TfLiteEngine::open, ImageIoDecoder(), DesktopHost())

    @TestFactory
    fun `every golden job ends as expected`(): List<DynamicTest> = JobCase.all().map { case ->
        dynamicTest(case.name) {
            val out = temporary.resolve(case.name).toFile()
            val outcome = runner.run(case.folder, out, JobProgress())
            val result = Golden.json(outcome.result)
            assertEquals(case.status, result["status"], "${result["error"]}")
            if (case.isProbe) {
                case.checkTensors(result, out)
            } else if (case.status == "ok") {
                case.checkOutputs(result, out)
                case.checkModelInputs(result, out)
                case.checkCounts(result, out)
            } else {
                assertEquals(case.errorKind, objectOf(result["error"])["kind"])
                assertEquals(listOf(outcome.result), out.listFiles().orEmpty().toList<File>())
            }
        }
    }
}
