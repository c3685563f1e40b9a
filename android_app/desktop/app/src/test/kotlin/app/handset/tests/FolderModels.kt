package app.handset.tests

import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.ModelException
import app.handset.model.ModelSource
import java.io.File
import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.zip.ZipEntry
import java.util.zip.ZipInputStream
import java.util.zip.ZipOutputStream
import org.json.JSONArray
import org.json.JSONObject

/** Models in a folder, so that a test can break them. */
class FolderModels(private val folder: File) : ModelSource {
    override fun catalog(): Catalog = Catalog.read(folder.resolve(Catalog.FILE).readBytes())

    override fun map(entry: CatalogEntry): ByteBuffer {
        val file = folder.resolve(entry.path)
        if (!file.isFile) throw ModelException("${entry.path} is not in this folder; put it there")
        val data = file.readBytes()
        return ByteBuffer.allocateDirect(data.size).put(data).flip() as ByteBuffer
    }

    override fun selfTest(path: String): ByteArray = folder.resolve(path).readBytes()

    /** Change the content of one [file] in the self-test of [recipe]. */
    fun damageSelfTest(recipe: String, file: String, change: (ByteArray) -> ByteArray) {
        val target = folder.resolve("$recipe.selftest")
        val files = ZipInputStream(target.inputStream()).use { zip ->
            generateSequence { zip.nextEntry?.name }.map { it to zip.readBytes() }.toList()
        }
        ZipOutputStream(target.outputStream()).use { zip ->
            for ((name, data) in files) {
                zip.putNextEntry(ZipEntry(name))
                zip.write(if (name == file) change(data) else data)
            }
        }
    }

    companion object {
        private val GOLDEN = Device.ROOT.resolve("tests/golden")

        /** The golden models that have a golden self-test, in the folder [to]. */
        fun golden(to: File): FolderModels {
            val models = listOf("digit_fp32" to "digit", "digit_int8" to "digit", "colour_fp32" to "gallery")
            val entries = models.map { (name, screen) ->
                val model = GOLDEN.resolve("models/$name.tflite").copyTo(to.resolve("$name.tflite"))
                val (recipe, variant) = name.split("_")
                val test = GOLDEN.resolve("selftest/$recipe.selftest").copyTo(to.resolve("$recipe.selftest"), true)
                val entry = JSONObject().put("recipe", recipe).put("variant", variant).put("path", model.name)
                entry.put("sha256", sha256(model)).put("screen", screen).put("default", variant == "fp32")
                entry.put("self_test", test.name)
            }
            val catalog = JSONObject().put("format", "handset.catalog/1").put("models", JSONArray(entries))
            to.resolve(Catalog.FILE).writeText(catalog.toString())
            return FolderModels(to)
        }

        /** The sha256 of [file] in lower-case hex. */
        fun sha256(file: File): String =
            MessageDigest.getInstance("SHA-256").digest(file.readBytes()).joinToString("") { "%02x".format(it) }

        private val EXPORTED = Device.ROOT.resolve("android_app/app/src/main/assets/models")

        /** A copy of what was exported, in a folder of its own. */
        fun copy(to: File): FolderModels {
            EXPORTED.listFiles().orEmpty().forEach { it.copyTo(to.resolve(it.name)) }
            return FolderModels(to)
        }
    }
}
