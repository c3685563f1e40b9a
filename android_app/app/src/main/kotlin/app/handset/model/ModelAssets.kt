package app.handset.model

import android.content.res.AssetManager
import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.CatalogException
import app.handset.core.ModelException
import app.handset.core.SelfTestException
import java.io.FileNotFoundException
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** The models that were put into this APK: those of its catalogue, and other files beside them. */
class ModelAssets(private val assets: AssetManager) : ModelSource {
    /** Empty when the app was built without models. */
    override fun catalog(): Catalog {
        val listed = listed().models
        val others = assets.list(FOLDER).orEmpty().filter { it.endsWith(CatalogEntry.MODEL_SUFFIX) }.sorted()
            .minus(listed.map { it.path }.toSet())
        return Catalog(listed + others.map { path -> CatalogEntry.uncatalogued(path, isAdded = false) { map(path) } })
    }

    private fun listed(): Catalog = try {
        Catalog.read(assets.open("$FOLDER/${Catalog.FILE}").use { it.readBytes() })
    } catch (_: FileNotFoundException) {
        Catalog(emptyList())
    } catch (error: IOException) {
        throw CatalogException("${Catalog.FILE} cannot be read; install the app again", error)
    }

    /** Mapped from the APK, not copied; a compressed one cannot be. */
    override fun map(entry: CatalogEntry): ByteBuffer = map(entry.path)

    private fun map(path: String): ByteBuffer = try {
        assets.openFd("$FOLDER/$path").use { file ->
            file.createInputStream().channel.map(FileChannel.MapMode.READ_ONLY, file.startOffset, file.declaredLength)
        }
    } catch (error: IOException) {
        throw ModelException(
            "$path is not in this app, or compressed; run `make export` and build it again",
            error
        )
    }

    override fun selfTest(path: String): ByteArray = try {
        assets.open("$FOLDER/$path").use { it.readBytes() }
    } catch (error: IOException) {
        throw SelfTestException("$path is not in this app; run `make export` and build it again", error)
    }

    private companion object {
        const val FOLDER = "models"
    }
}
