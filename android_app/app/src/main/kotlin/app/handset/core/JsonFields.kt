package app.handset.core

/**
 * The fields of a JSON object from outside: every type and range is checked here.
 *
 * In an error's message [what] is the object's name and [remedy] says what to do; [error] makes the exception.
 */
class JsonFields private constructor(
    private val record: Map<*, *>,
    private val what: String,
    private val remedy: String,
    private val error: (String, Throwable?) -> HandsetException
) {
    /** Refuse any other format than those [known]; returns which it is. */
    fun format(vararg known: String): String =
        known.find { it == record["format"] } ?: refuse("format", known.joinToString(" or ") { "\"$it\"" })

    fun has(name: String): Boolean = name in record

    /** 1 to 4096 characters; no line break, no other control character, no half of a surrogate pair. */
    fun text(name: String): String =
        (record[name] as? String)?.takeIf(::isLine) ?: refuse(name, "a line of 1 to 4096 characters")

    fun sha256(name: String): String =
        (record[name] as? String)?.takeIf { SHA256.matches(it) } ?: refuse(name, "a lower-case hex sha256")

    fun integer(name: String, range: LongRange = 0..Long.MAX_VALUE): Long =
        (record[name] as? Long)?.takeIf { it in range }
            ?: refuse(name, "an integer from ${range.first} to ${range.last}")

    fun int(name: String, range: IntRange): Int = integer(name, range.first.toLong()..range.last).toInt()

    /** A finite number of [range], written as an integer or not. */
    fun number(name: String, range: ClosedFloatingPointRange<Double>): Double =
        (record[name] as? Number)?.toDouble()?.takeIf { it in range }
            ?: refuse(name, "a number from ${range.start} to ${range.endInclusive}")

    fun flag(name: String): Boolean = record[name] as? Boolean ?: refuse(name, "true or false")

    fun list(name: String): List<*> = record[name] as? List<*> ?: refuse(name, "a list")

    /** The numbers of a list. */
    fun numbers(name: String): List<Double> =
        list(name).map { (it as? Number)?.toDouble() ?: refuse(name, "a list of numbers") }

    /** The integers of a list, each of [range]. */
    fun integers(name: String, range: IntRange): List<Int> = list(name).map { value ->
        (value as? Long)?.takeIf { it in range.first.toLong()..range.last }?.toInt()
            ?: refuse(name, "a list of integers from ${range.first} to ${range.last}")
    }

    /** The one of [choices] whose name, by [called], is the field's value. */
    fun <T : Any> choice(name: String, choices: Collection<T>, called: (T) -> Any = { it }): T =
        choices.firstOrNull { called(it) == record[name] }
            ?: refuse(name, "one of ${choices.joinToString { called(it).toString() }}")

    /** The object in the field. */
    fun child(name: String): JsonFields =
        (record[name] as? Map<*, *>)?.let { JsonFields(it, "$what: $name", remedy, error) } ?: refuse(name, "an object")

    /** The objects of a list. */
    fun children(name: String): List<JsonFields> = list(name).mapIndexed { index, value ->
        (value as? Map<*, *>)?.let { JsonFields(it, "$what: $name[$index]", remedy, error) }
            ?: refuse(name, "a list of objects")
    }

    /** Null where the field is null (it must be there), otherwise what [read] returns. */
    fun <T> optional(name: String, read: (String) -> T): T? {
        if (name !in record) refuse(name, "there, null where it is not known")
        return if (record[name] == null) null else read(name)
    }

    /** Throw the error that the field is not [wanted]. */
    fun refuse(name: String, wanted: String): Nothing {
        val got = if (name in record) record[name].toString().oneLine().take(MAX_SHOWN) else "missing"
        throw error("$what: $name is $got, not $wanted; $remedy", null)
    }

    companion object {
        private const val MAX_SHOWN = 60
        private val SHA256 = Regex("[0-9a-f]{64}")

        /** The fields of the object that [data] is the JSON of. */
        fun read(
            data: ByteArray,
            what: String,
            remedy: String,
            error: (String, Throwable?) -> HandsetException
        ): JsonFields {
            val value =
                try {
                    JsonReader.read(data)
                } catch (reason: JsonException) {
                    throw error("$what is not JSON (${reason.message}); $remedy", reason)
                }
            return JsonFields(
                value as? Map<*, *> ?: throw error("$what is no object; $remedy", null),
                what,
                remedy,
                error
            )
        }
    }
}

private const val MAX_LINE = 4096
private val BREAKS = Regex("[\\s\\p{Z}\\p{Cc}]+")
private val NO_LINE = Regex("[\\p{Cc}\\u2028\\u2029\\p{Cs}]")

private fun isLine(text: String): Boolean = text.length in 1..MAX_LINE && !NO_LINE.containsMatchIn(text)

/** This text as one line that [JsonFields.text] accepts. */
fun String.oneLine(): String = replace(BREAKS, " ").trim().take(MAX_LINE).replace(NO_LINE, "?")
