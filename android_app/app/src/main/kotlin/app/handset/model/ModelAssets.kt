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

/** The catalogue and the models that were put into this APK. */
class ModelAssets(private val assets: AssetManager) : ModelSource {
    /** Empty when the app was built without models. */
    override fun catalog(): Catalog = try {
        Catalog.read(assets.open("$FOLDER/${Catalog.FILE}").use { it.readBytes() })
    } catch (_: FileNotFoundException) {
        Catalog(emptyList())
    } catch (error: IOException) {
        throw CatalogException("${Catalog.FILE} cannot be read; install the app again", error)
    }

    /** Mapped from the APK, not copied; a compressed one cannot be. */
    override fun map(entry: CatalogEntry): ByteBuffer = try {
        assets.openFd("$FOLDER/${entry.path}").use { file ->
            file.createInputStream().channel.map(FileChannel.MapMode.READ_ONLY, file.startOffset, file.declaredLength)
        }
    } catch (error: IOException) {
        throw ModelException(
            "${entry.path} is not in this app, or compressed; run `make export` and build it again",
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
