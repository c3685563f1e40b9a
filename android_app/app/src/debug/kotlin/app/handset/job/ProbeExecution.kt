package app.handset.job

import app.handset.core.Engine
import app.handset.core.OutputTensor
import app.handset.core.StageTimes
import app.handset.core.directBuffer
import java.io.Closeable
import java.io.File

/** What a successful probe fetched: the [tensors] of each of its [inputs], one after the other in [values]. */
data class Probed(val inputs: Int, val tensors: List<OutputTensor>, val values: Blob) : Given

/**
 * A probe whose files are open and whose model is loaded; `target` becomes its binary file.
 *
 * When it is closed, an unfinished file is deleted.
 */
class ProbeExecution(
    private val engine: Engine,
    private val archive: ArchiveReader,
    private val progress: JobProgress,
    target: File
) : Closeable {
    private val loader = TensorLoader(engine.input)
    private val input = directBuffer(engine.input.bytes)
    private val outputs = engine.outputs.map { directBuffer(it.bytes) }
    private val values = BlobFile(target)

    /** Run every input once, and write all that the model puts out. */
    fun run(): Probed {
        progress.begin(archive.names.size)
        for (name in archive.names) {
            progress.checkCancelled()
            loader.load(name, archive.read(name), input, StageTimes())
            engine.run(input, outputs)
            outputs.forEach(values::write)
            progress.done++
        }
        return Probed(archive.names.size, engine.outputs, values.commit())
    }

    override fun close() = values.close()

    companion object {
        /** The name of the binary file that a probe may leave. */
        const val VALUES = "values"
    }
}
