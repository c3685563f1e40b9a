package app.handset.model

import android.content.Context
import app.handset.core.Accelerator
import app.handset.core.Catalog
import app.handset.core.CatalogEntry
import app.handset.core.EngineOptions
import app.handset.core.Screen

/** What the user can choose to run a model on; the CPU with and without XNNPACK. */
enum class AcceleratorChoice(val accelerator: Accelerator, val xnnpack: Boolean) {
    XNNPACK(Accelerator.CPU, true),
    CPU(Accelerator.CPU, false),
    GPU(Accelerator.GPU, true),
    NNAPI(Accelerator.NNAPI, true)
}

/** What the user chose on the Model screen; preferences until the app is removed. */
class Settings(context: Context) {
    private val preferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    var threads: Int
        get() = preferences.getInt(
            "threads",
            THREADS.last {
                it <=
                    maxOf(1, Runtime.getRuntime().availableProcessors() / 2)
            }
        )
        set(value) = preferences.edit().putInt("threads", value).apply()

    var chosenAccelerator: AcceleratorChoice
        get() = AcceleratorChoice.entries.firstOrNull { it.name == preferences.getString("runs_on", null) }
            ?: AcceleratorChoice.XNNPACK
        set(value) = preferences.edit().putString("runs_on", value.name).apply()

    /** Whether times and other details of an answer are shown. */
    var showsDetails: Boolean
        get() = preferences.getBoolean("shows_details", false)
        set(value) = preferences.edit().putBoolean("shows_details", value).apply()

    /** Whether the doggy door answers. */
    var showsDoor: Boolean
        get() = preferences.getBoolean("shows_door", false)
        set(value) = preferences.edit().putBoolean("shows_door", value).apply()

    val options: EngineOptions get() = EngineOptions(threads, chosenAccelerator.accelerator, chosenAccelerator.xnnpack)

    /** The model for [screen]: the one chosen while it is there, else the catalogue's default; null without any. */
    fun entry(catalog: Catalog, screen: Screen): CatalogEntry? {
        val name = preferences.getString(key(screen), null)
        return catalog.models.firstOrNull { it.screen == screen && name(it) == name } ?: catalog.default(screen)
    }

    fun choose(entry: CatalogEntry) = preferences.edit().putString(key(entry.screen), name(entry)).apply()

    /** A model keeps its name when it is exported anew. */
    private fun name(entry: CatalogEntry) = "${entry.recipe}/${entry.variant}"

    private fun key(screen: Screen) = "model_${screen.text}"

    companion object {
        val THREADS = listOf(1, 2, 4, 8)
    }
}
