package app.handset.core

/** Why a job failed; [text] is its name in `handset.result/1`. */
enum class ErrorKind(val text: String) {
    JOB_REFUSED("job-refused"),
    MODEL_REFUSED("model-refused"),
    INPUTS_REFUSED("inputs-refused"),
    INPUT_FAILED("input-failed"),
    ACCELERATOR_FAILED("accelerator-failed"),
    OUT_OF_MEMORY("out-of-memory"),
    LIBRARY_NOT_LOADED("library-not-loaded"),
    CANCELLED("cancelled"),
    INTERNAL("internal")
}

/**
 * An error with a message of one line: what is wrong, what was found, and what to do.
 *
 * [JobException], [ModelException], [InputsException], [InputException], [AcceleratorException], [LibraryException],
 * [CatalogException], [SelfTestException], [CancelledException]. Anything else that is thrown is a bug.
 */
sealed class HandsetException(val kind: ErrorKind, message: String, cause: Throwable? = null) :
    Exception(message, cause)

/** A `job.json` that cannot be run. */
class JobException(message: String, cause: Throwable? = null) : HandsetException(ErrorKind.JOB_REFUSED, message, cause)

/** What is wrong with a model, where the app can say it in the user's language. */
enum class ModelProblem { NO_MODEL_FILE, DAMAGED, TOO_NEW, NO_CLASSIFIER, NO_LABELS, NO_NORMALISATION, OTHER }

/** A model that is not as it should be, or that the interpreter does not load. */
class ModelException(message: String, cause: Throwable? = null, val problem: ModelProblem = ModelProblem.OTHER) :
    HandsetException(ErrorKind.MODEL_REFUSED, message, cause)

/** An input archive that is not as it should be. */
class InputsException(message: String, cause: Throwable? = null) :
    HandsetException(ErrorKind.INPUTS_REFUSED, message, cause)

/**
 * One input, a picture for example, that cannot be given to the model. [isForeign]: it is of a kind that is not read
 * here, which does not say that it is damaged.
 */
class InputException(message: String, cause: Throwable? = null, val isForeign: Boolean = false) :
    HandsetException(ErrorKind.INPUT_FAILED, message, cause)

/** An accelerator that failed while it ran; one that is merely absent is no error, see [Acceleration.reason]. */
class AcceleratorException(message: String, cause: Throwable? = null) :
    HandsetException(ErrorKind.ACCELERATOR_FAILED, message, cause)

/** A native library of the interpreter that does not load here: for pages of 4 KB, or for another processor. */
class LibraryException(error: LinkageError) :
    HandsetException(ErrorKind.LIBRARY_NOT_LOADED, "${error.inOneLine()}; ${remedy(error)}", error) {
    private companion object {
        /** Gradle takes the build of TensorFlow Lite that has larger pages; `make apk` takes the older one. */
        const val BUILD = "with Gradle, which takes LiteRT 1.4.0, see android_app/README.md"

        fun remedy(error: LinkageError) = if ("page size" in error.inOneLine()) {
            "this phone has larger pages of memory: build the app $BUILD"
        } else {
            "build the app for this phone's processor, or $BUILD"
        }
    }
}

/** What does not load, in one line; a class that failed once before only names itself, and its causes say why. */
private fun LinkageError.inOneLine(): String {
    val errors = if (this is UnsatisfiedLinkError) sequenceOf(this) else generateSequence<Throwable>(this) { it.cause }
    return errors.map { it.toString().oneLine() }.distinct().joinToString(", because ")
}

/** A `catalog.json` that cannot be read. */
class CatalogException(message: String, cause: Throwable? = null) :
    HandsetException(ErrorKind.INTERNAL, message, cause)

/** A self-test that cannot be read, or is not for the model. */
class SelfTestException(message: String, cause: Throwable? = null) :
    HandsetException(ErrorKind.INTERNAL, message, cause)

/** The job was cancelled. */
class CancelledException : HandsetException(ErrorKind.CANCELLED, "cancelled before it was done; run the job again")
