package app.handset.job

import app.handset.core.Engine
import app.handset.core.EngineFactory
import app.handset.core.ErrorKind
import app.handset.core.FileSource
import app.handset.core.HandsetException
import app.handset.core.InputLoader
import app.handset.core.InputsException
import app.handset.core.LibraryException
import app.handset.core.ModelException
import app.handset.core.PackedModel
import app.handset.core.PictureDecoder
import app.handset.core.PictureLoader
import app.handset.core.Preprocessor
import app.handset.core.TensorInfo
import app.handset.core.oneLine
import java.io.File
import java.nio.ByteBuffer
import java.time.Instant
import java.time.temporal.ChronoUnit

/** How a job ended, successfully or not: its id, its [result] file with that file's [sha256], and why it failed. */
class JobOutcome(val id: String, val result: File, val sha256: String, val failure: Failure?)

/**
 * Runs one `handset.job/1` or `/2` at a time on a real engine, and leaves its `handset.result/1` or `/2`.
 *
 * The binary files come first and the result last, each in one rename. Whatever goes wrong, a bug included, is written
 * as a failed result; [run] throws only when no result can be written.
 */
class JobRunner(private val engines: EngineFactory, private val decoder: PictureDecoder, private val host: Host) {
    /**
     * Run the job in [folder] and write its result to the folder [out], which is created where it is missing.
     *
     * [locate] finds what the job names: by default absolute paths, and relative ones below [folder]. [progress] shows
     * how far it is, and may cancel it, which gives a failed result. [java.io.IOException] when no result can be
     * written.
     */
    fun run(folder: File, out: File, progress: JobProgress, locate: (String) -> File = folder::resolve): JobOutcome {
        val startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
        val began = System.nanoTime()
        val before = known(host::state) ?: DeviceState()
        out.mkdirs()
        BlobFile.sweep(out)
        val partial = PartialResult()
        val id = { partial.job?.id ?: folder.name.takeIf(Job::isId) ?: UNREADABLE }
        val blobFile = { name: String -> out.resolve("${id()}.$name.bin") }
        attempt(partial) {
            val job = JobReader.read(folder).also { partial.job = it }
            run(job, locate, partial, progress, blobFile)
        }
        if (partial.failure != null) BLOBS.forEach { blobFile(it).delete() }
        val result = JobResult(partial, host, before, startedAt, System.nanoTime() - began)
        val blob = BlobFile(out.resolve("${id()}.result.json")).use { file ->
            file.write(ByteBuffer.wrap(JsonWriter.write(result.toJson())))
            file.commit()
        }
        return JobOutcome(id(), out.resolve(blob.path), blob.sha256, partial.failure)
    }

    /** Whatever is thrown becomes a failed result with its cause: nobody reads a phone's log. */
    @Suppress("TooGenericExceptionCaught")
    private fun attempt(partial: PartialResult, work: () -> Given) {
        try {
            partial.given = work()
        } catch (error: HandsetException) {
            partial.failure = failure(error.kind, error.message)
        } catch (error: OutOfMemoryError) {
            partial.failure = failure(ErrorKind.OUT_OF_MEMORY, error.message)
        } catch (error: LinkageError) {
            partial.failure = LibraryException(error).run { failure(kind, message) }
        } catch (error: Throwable) {
            partial.failure = failure(ErrorKind.INTERNAL, "$error at ${error.stackTrace.firstOrNull()}")
        }
    }

    private fun failure(kind: ErrorKind, message: String?) =
        Failure(kind, message.orEmpty().oneLine().ifEmpty { kind.text })

    private fun run(
        job: Job,
        locate: (String) -> File,
        partial: PartialResult,
        progress: JobProgress,
        blobFile: (String) -> File
    ): Given {
        progress.checkCancelled()
        val model = VerifiedFile.open("the model", job.model, locate, ::ModelException) { partial.modelSha256 = it }
            .use(VerifiedFile::map)
        val packed = PackedModel.of(model)
        if (job.kind == InputKind.IMAGES) packed.image // refused before anything else is opened
        val inputs = VerifiedFile.open("the input archive", job.inputs, locate, ::InputsException) {
            partial.inputsSha256 = it
        }
        return inputs.use {
            val archive = archive(job, it)
            load(job, model, partial).use { engine ->
                if (job.measurement == null) {
                    val values = blobFile(ProbeExecution.VALUES)
                    ProbeExecution(engine, archive, progress, values).use(ProbeExecution::run)
                } else {
                    val loader = loader(job, packed, engine.input)
                    Execution(job.measurement, engine, archive, loader, progress, blobFile).use(Execution::run)
                }
            }
        }
    }

    private fun archive(job: Job, file: VerifiedFile): ArchiveReader {
        val archive = ArchiveReader(FileSource(file.channel), job.count)
        val wanted = job.measurement?.inputId
        if (wanted != null && wanted !in archive.names) {
            throw InputsException("the archive has no entry $wanted; name one that it has")
        }
        return archive
    }

    private fun load(job: Job, model: ByteBuffer, partial: PartialResult): Engine {
        val began = System.nanoTime()
        val engine = engines.open(model, job.options)
        partial.initNs = System.nanoTime() - began
        partial.acceleration = engine.acceleration
        return engine
    }

    private fun loader(job: Job, packed: PackedModel, input: TensorInfo): InputLoader = when (job.kind) {
        InputKind.TENSORS -> TensorLoader(input)
        InputKind.IMAGES -> PictureLoader(Preprocessor(packed.image, input), decoder)
    }

    private companion object {
        const val UNREADABLE = "unreadable"
        val BLOBS = Execution.BLOBS + ProbeExecution.VALUES
    }
}
