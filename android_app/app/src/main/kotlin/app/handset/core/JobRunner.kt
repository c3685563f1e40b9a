package app.handset.core

import java.io.File
import java.nio.ByteBuffer
import java.time.Instant
import java.time.temporal.ChronoUnit

/** A job that ended, well or not: what instrumentations report of it. */
class Finished(val id: String, val result: File, val sha256: String, val failure: Failure?)

/**
 * Runs one `handset.job/1` at a time on a real engine, and leaves its `handset.result/1`.
 *
 * The binary files come first and the result last, each in one rename. Whatever goes wrong, a bug included, is a failed
 * result; only when that cannot be written does [run] throw.
 */
class JobRunner(private val engines: EngineFactory, private val decoder: PictureDecoder, private val host: Host) {
    /**
     * The job in [folder], with its result in [out], which is made where it is missing.
     *
     * [locate] finds what the job names: by default absolute paths, and relative ones below [folder]. [watch] tells how
     * far it is, and ends it as failed because cancelled. [java.io.IOException] when [out] takes no result.
     */
    fun run(folder: File, out: File, watch: Watch, locate: (String) -> File = folder::resolve): Finished {
        val startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
        val began = System.nanoTime()
        val before = host.state()
        out.mkdirs()
        BlobFile.sweep(out)
        val reached = Reached()
        val id = { reached.job?.id ?: folder.name.takeIf(Job::isId) ?: UNREADABLE }
        val place = { name: String -> out.resolve("${id()}.$name.bin") }
        attempt(reached) {
            val job = JobReader.read(folder).also { reached.job = it }
            carryOut(job, locate, reached, watch, place)
        }
        if (reached.failure != null) Execution.BLOBS.forEach { place(it).delete() }
        val result = JobResult(reached, host, before, startedAt, System.nanoTime() - began)
        val blob = BlobFile(out.resolve("${id()}.result.json")).use { file ->
            file.write(ByteBuffer.wrap(JsonWriter.write(result.toJson())))
            file.commit()
        }
        return Finished(id(), out.resolve(blob.path), blob.sha256, reached.failure)
    }

    /** Every exception becomes a failed result with its cause: nobody reads a phone's log. */
    @Suppress("TooGenericExceptionCaught")
    private fun attempt(reached: Reached, work: () -> Run) {
        try {
            reached.run = work()
        } catch (error: HandsetException) {
            reached.failure = failure(error.kind, error.message)
        } catch (error: OutOfMemoryError) {
            reached.failure = failure(ErrorKind.OUT_OF_MEMORY, error.message)
        } catch (error: Exception) {
            reached.failure = failure(ErrorKind.INTERNAL, "$error at ${error.stackTrace.firstOrNull()}")
        } catch (error: LinkageError) { // natives that are not for this device
            reached.failure = failure(ErrorKind.INTERNAL, error.toString())
        }
    }

    private fun failure(kind: ErrorKind, message: String?) =
        Failure(kind, message.orEmpty().oneLine().ifEmpty { kind.text })

    private fun carryOut(
        job: Job,
        locate: (String) -> File,
        reached: Reached,
        watch: Watch,
        place: (String) -> File
    ): Run {
        watch.step()
        val model = open("the model", job.model, locate, ::ModelException) { reached.modelSha256 = it }
            .use(VerifiedFile::map)
        val packed = PackedModel.of(model)
        if (job.kind == InputKind.IMAGES) packed.image // refused before anything else is opened
        return open("the input archive", job.inputs, locate, ::InputsException) { reached.inputsSha256 = it }.use {
            val archive = archive(job, it)
            load(job, model, reached).use { engine ->
                val feeder = feeder(job, packed, engine.input)
                Execution(job, engine, archive, feeder, watch, place).use(Execution::carryOut)
            }
        }
    }

    private fun archive(job: Job, file: VerifiedFile): InputArchive {
        val archive = InputArchive(FileSource(file.channel), job.count)
        if (job.inputId != null && job.inputId !in archive.names) {
            throw InputsException("the archive has no entry ${job.inputId}; name one that it has")
        }
        return archive
    }

    private fun load(job: Job, model: ByteBuffer, reached: Reached): Engine {
        val began = System.nanoTime()
        val engine = engines.open(model, job.options)
        reached.initNs = System.nanoTime() - began
        reached.acceleration = engine.acceleration
        return engine
    }

    private fun feeder(job: Job, packed: PackedModel, input: TensorInfo): Feeder = when (job.kind) {
        InputKind.TENSORS -> TensorFeeder(input)
        InputKind.IMAGES -> PictureFeeder(Preprocessor(packed.image, input), decoder)
    }

    private fun open(
        what: String,
        named: NamedFile,
        locate: (String) -> File,
        refuse: (String, Throwable?) -> HandsetException,
        found: (String) -> Unit
    ): VerifiedFile = VerifiedFile.open(what, named, locate(named.path), refuse, found)

    private companion object {
        const val UNREADABLE = "unreadable"
    }
}
