package app.handset.core

import java.io.File
import java.security.MessageDigest

/** The files that pytest reads too. */
object Golden {
    val root = File(checkNotNull(System.getProperty("handset.root")) { "a build gives it" }).canonicalFile
    val folder = root.resolve("tests/golden")

    /** The JSON object in a file. */
    fun json(file: File): Map<String, Any?> = objectOf(JsonReader.read(file.readBytes()))
}

/** The sha256 of [data] in lower-case hex. */
fun sha256(data: ByteArray): String =
    MessageDigest.getInstance("SHA-256").digest(data).joinToString("") { "%02x".format(it) }

/** A JSON value that has to be an object. */
@Suppress("UNCHECKED_CAST") // names are always strings
fun objectOf(value: Any?): Map<String, Any?> = value as Map<String, Any?>

/** An object's field of a known type. */
inline fun <reified T> Map<String, Any?>.field(name: String): T = getValue(name) as T

/** An object's integer. */
fun Map<String, Any?>.int(name: String): Int = field<Long>(name).toInt()
