package app.handset

import android.app.Application
import android.os.Handler
import android.os.HandlerThread
import app.handset.engine.Interpreter
import app.handset.engine.TfLite
import app.handset.model.AddedModels
import app.handset.model.Classifiers
import app.handset.model.ModelAssets
import app.handset.model.ModelSource
import app.handset.model.Settings

/** Holds what lives longer than a screen: the loaded models, and the thread of the cameras. */
class HandsetApplication : Application() {
    /** Tests on a JVM put another build of the interpreter here, before anything is classified. */
    var interpreter: Interpreter = TfLite

    /** The models; those of this APK, unless a test puts others here. */
    lateinit var models: ModelSource

    val classifiers: Classifiers by lazy {
        Classifiers(models, AddedModels(filesDir.resolve("models")), Settings(this), interpreter)
    }

    /** The thread on which all work with cameras is done, in the order in which it was asked for. */
    val cameraThread: Handler by lazy { Handler(HandlerThread("camera").apply { start() }.looper) }

    override fun onCreate() {
        super.onCreate()
        models = ModelAssets(assets)
    }
}
