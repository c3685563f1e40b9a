package app.handset.core

import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException

/** Text that is not JSON; the message says what is wrong at which character. */
class JsonException(message: String) : Exception(message)

/**
 * Reads strict JSON (RFC 8259) as maps, lists, strings, longs, doubles, booleans and null.
 *
 * Android's own reader accepts far more than JSON, and its copy on the JVM keeps no order; this one is the same on
 * both, so the tests read what a phone reads. Of a repeated name the last value counts, as in Python.
 */
class JsonReader private constructor(private val text: String) {
    private var at = 0

    private fun document(): Any? {
        val value = value(0)
        skipSpace()
        if (at < text.length) fail("a value is followed by ${quoted()}")
        return value
    }

    private fun value(depth: Int): Any? {
        if (depth > MAX_DEPTH) fail("more than $MAX_DEPTH levels")
        skipSpace()
        return when (peek()) {
            '{' -> members(depth)
            '[' -> elements(depth)
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }
    }

    private fun members(depth: Int): Map<String, Any?> {
        val members = LinkedHashMap<String, Any?>()
        sequence('}') {
            skipSpace()
            if (peek() != '"') fail("${quoted()} is no name")
            val name = string()
            skipSpace()
            take(':')
            members[name] = value(depth + 1)
        }
        return members
    }

    private fun elements(depth: Int): List<Any?> = buildList { sequence(']') { add(value(depth + 1)) } }

    private inline fun sequence(end: Char, item: () -> Unit) {
        at++
        skipSpace()
        if (peek() == end) {
            at++
            return
        }
        while (true) {
            item()
            skipSpace()
            if (peek() == end) break
            take(',')
        }
        at++
    }

    private fun string(): String {
        at++
        val into = StringBuilder()
        while (true) {
            val char = peek() ?: fail("a string has no end")
            at++
            when {
                char == '"' -> return into.toString()
                char == '\\' -> into.append(escaped())
                char < ' ' -> fail("a string holds a control character")
                else -> into.append(char)
            }
        }
    }

    private fun escaped(): Char {
        val char = peek()
        at++
        val known = ESCAPES[char]
        if (known == null && char != 'u') fail("an escape is unknown")
        return known ?: unicode()
    }

    private fun unicode(): Char {
        val digits = text.substring(at, minOf(at + UNICODE_DIGITS, text.length))
        if (!UNICODE.matches(digits)) fail("\\u$digits is no character")
        at += UNICODE_DIGITS
        return digits.toInt(radix = 16).toChar()
    }

    private fun number(): Any {
        val match =
            NUMBER.matchAt(text, at) ?: fail(if (at < text.length) "${quoted()} is no value" else "it ends early")
        at += match.value.length
        return match.value.toLongOrNull() ?: match.value.toDouble().also {
            if (!it.isFinite()) fail("${match.value} is too large")
        }
    }

    private fun <T> word(word: String, value: T): T {
        if (!text.startsWith(word, at)) fail("${quoted()} is no value")
        at += word.length
        return value
    }

    private fun take(char: Char) {
        if (peek() != char) fail("$char is expected, not ${quoted()}")
        at++
    }

    private fun skipSpace() {
        while (at < text.length && text[at] in SPACE) at++
    }

    private fun peek(): Char? = text.getOrNull(at)

    private fun quoted(): String = peek()?.let { "'$it'" } ?: "the end"

    private fun fail(what: String): Nothing = throw JsonException("$what at character $at")

    companion object {
        private const val MAX_DEPTH = 64
        private const val SPACE = " \t\n\r"
        private const val UNICODE_DIGITS = 4
        private val UNICODE = Regex("[0-9a-fA-F]{4}")
        private val NUMBER = Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
        private val ESCAPES =
            mapOf(
                '"' to '"',
                '\\' to '\\',
                '/' to '/',
                'b' to '\b',
                'f' to '\u000c',
                'n' to '\n',
                'r' to '\r',
                't' to '\t'
            )

        /** The value that [data], UTF-8, is the JSON of; [JsonException] for anything else. */
        fun read(data: ByteArray): Any? = try {
            JsonReader(Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString()).document()
        } catch (_: CharacterCodingException) {
            throw JsonException("it is not UTF-8")
        }
    }
}
