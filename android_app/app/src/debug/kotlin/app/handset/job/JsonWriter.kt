package app.handset.job

/** Writes maps, lists, strings, numbers, booleans and null as JSON, in their order. */
object JsonWriter {
    /** The content of a JSON file, UTF-8, each field on its own line. */
    fun write(value: Map<String, Any?>): ByteArray = buildString { append(value, "\n") }.plus("\n").toByteArray()

    /** The same in one line, without a line break at its end. */
    fun line(value: Map<String, Any?>): String = buildString { append(value, null) }

    private fun StringBuilder.append(value: Any?, newLine: String?) {
        when (value) {
            null, is Boolean, is Int, is Long -> append(value)

            is Float, is Double -> {
                require((value as Number).toDouble().isFinite()) { "$value is no JSON number" }
                append(value)
            }

            is String -> quote(value)

            is Map<*, *> -> bracket('{', value.entries, '}', newLine) { (name, member), inner ->
                quote(name as String)
                append(": ")
                append(member, inner)
            }

            is Iterable<*> -> bracket('[', value.toList(), ']', newLine) { element, inner -> append(element, inner) }

            else -> error("${value::class.java} is no JSON value")
        }
    }

    private fun <T> StringBuilder.bracket(
        open: Char,
        items: Collection<T>,
        close: Char,
        newLine: String?,
        item: StringBuilder.(T, String?) -> Unit
    ) {
        append(open)
        items.forEachIndexed { index, each ->
            if (index > 0) append(',')
            if (newLine != null) append(newLine).append(' ')
            item(each, newLine?.plus(' '))
        }
        if (items.isNotEmpty() && newLine != null) append(newLine)
        append(close)
    }

    private fun StringBuilder.quote(text: String) {
        append('"')
        for (char in text) {
            when {
                char == '"' || char == '\\' -> append('\\').append(char)
                char < ' ' -> append("\\u%04x".format(char.code))
                else -> append(char)
            }
        }
        append('"')
    }
}
