package app.handset.tests

import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.ModelException
import app.handset.model.ModelSource
import java.io.File
import java.nio.ByteBuffer

/** Models in a folder, so that a test can break them. */
class FolderModels(private val folder: File) : ModelSource {
    override fun catalog(): Catalog = Catalog.read(folder.resolve(Catalog.FILE).readBytes())

    override fun map(entry: CatalogEntry): ByteBuffer {
        val file = folder.resolve(entry.path)
        if (!file.isFile) throw ModelException("${entry.path} is not in this folder; put it there")
        val data = file.readBytes()
        return ByteBuffer.allocateDirect(data.size).put(data).flip() as ByteBuffer
    }

    companion object {
        private val EXPORTED = Device.ROOT.resolve("android_app/app/src/main/assets/models")

        /** A copy of what was exported, in a folder of its own. */
        fun copy(to: File): FolderModels {
            EXPORTED.listFiles().orEmpty().forEach { it.copyTo(to.resolve(it.name)) }
            return FolderModels(to)
        }
    }
}
