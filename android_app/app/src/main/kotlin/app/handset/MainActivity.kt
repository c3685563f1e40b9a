package app.handset

import android.Manifest
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Toast
import app.handset.model.OfferedModel
import app.handset.model.SelfTestRun
import app.handset.picture.BitmapDecoder
import app.handset.picture.ChosenPicture
import app.handset.picture.PictureReader
import app.handset.screen.CameraTab
import app.handset.screen.DigitTab
import app.handset.screen.GalleryTab
import app.handset.screen.ModelTab
import app.handset.screen.Tab
import app.handset.view.keepClearOfBars
import java.io.File

/** The app's only activity with controls: four tabs, one of them visible. */
class MainActivity : Activity() {
    private lateinit var frame: ViewGroup
    private lateinit var tabs: Map<Int, Tab>
    private lateinit var models: ModelTab
    private lateinit var selfTest: SelfTestRun
    internal lateinit var picture: ChosenPicture
        private set
    internal lateinit var camera: CameraTab
        private set
    private var current = R.id.tab_digit
    private var isResumed = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.main)
        keepClearOfBars(findViewById(R.id.window))
        frame = findViewById(R.id.screen)
        val app = application as HandsetApplication
        val classifiers = app.classifiers
        val kept = lastNonConfigurationInstance as? Kept
        picture = kept?.picture ?: ChosenPicture(classifiers, PictureReader(applicationContext.contentResolver))
        selfTest = kept?.selfTest ?: SelfTestRun(classifiers, BitmapDecoder())
        models = ModelTab(frame, classifiers, selfTest, { pick(PICK_MODEL, listOf(it)) }, state)
        camera = CameraTab(frame, this, classifiers, app.cameraThread, ::askForCamera, state)
        tabs = mapOf(
            R.id.tab_digit to DigitTab(frame, classifiers, state),
            R.id.tab_gallery to GalleryTab(frame, picture, classifiers, { pick(PICK, it) }, state),
            R.id.tab_camera to camera,
            R.id.tab_model to models
        )
        for (tab in tabs.keys) findViewById<View>(tab).setOnClickListener { open(it.id) }
        select(ORDER[state?.getInt(TAB) ?: 0])
        if (state == null) openShared(intent)
    }

    override fun onResume() {
        super.onResume()
        isResumed = true
        tabs.getValue(current).show()
    }

    override fun onPause() {
        tabs.getValue(current).hide()
        isResumed = false
        super.onPause()
    }

    override fun onTopResumedActivityChanged(isOnTop: Boolean) {
        if (isOnTop) camera.onTop()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putInt(TAB, ORDER.indexOf(current))
        tabs.values.forEach { it.save(state) }
    }

    /** Work that goes on, and its results, while the phone is turned. */
    private class Kept(val picture: ChosenPicture, val selfTest: SelfTestRun)

    override fun onRetainNonConfigurationInstance(): Any = Kept(picture, selfTest)

    override fun onDestroy() {
        if (!isChangingConfigurations) {
            picture.cancel()
            selfTest.forget()
        }
        super.onDestroy()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        openShared(intent)
    }

    /** A picture that another app shares is shown in the gallery; any other file is taken for a model. */
    private fun openShared(intent: Intent) {
        if (intent.action == TRY) tryModel(intent)
        if (intent.action != Intent.ACTION_SEND) return
        val shared = sharedFile(intent) ?: return
        if (intent.type.orEmpty().startsWith("image/")) {
            open(R.id.tab_gallery)
            picture.open(shared)
        } else {
            open(R.id.tab_model)
            addModel(shared)
        }
    }

    /** `make try`: a model that a computer pushed. Other apps can start this, too, so only its folder counts. */
    private fun tryModel(intent: Intent) {
        val file = intent.data?.takeIf { it.scheme == "file" } ?: return
        if (!File(file.path.orEmpty()).normalize().path.startsWith(PUSHED)) return
        open(R.id.tab_model)
        models.add(OfferedModel(applicationContext.contentResolver, file, intent.getStringExtra("name")))
    }

    private fun addModel(file: Uri) = models.add(OfferedModel(applicationContext.contentResolver, file))

    @Suppress("DEPRECATION") // the typed one needs Android 13
    private fun sharedFile(intent: Intent): Uri? = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
        intent.getParcelableExtra(Intent.EXTRA_STREAM, Uri::class.java)
    } else {
        intent.getParcelableExtra(Intent.EXTRA_STREAM)
    }

    private fun open(tab: Int) {
        if (tab == current) return
        if (isResumed) tabs.getValue(current).hide()
        select(tab)
        if (isResumed) tabs.getValue(tab).show()
    }

    private fun select(tab: Int) {
        current = tab
        for (id in tabs.keys) findViewById<View>(id).isSelected = id == tab
        frame.removeAllViews()
        frame.addView(tabs.getValue(tab).view)
    }

    /** Let the user choose a file with the first of [pickers] that this phone has. */
    private fun pick(request: Int, pickers: List<Intent>) {
        if (pickers.none { isStarted(it, request) }) Toast.makeText(this, R.string.no_picker, Toast.LENGTH_LONG).show()
    }

    private fun isStarted(picker: Intent, request: Int): Boolean = try {
        startActivityForResult(picker, request)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    private fun askForCamera() = requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)

    @Deprecated("The framework's own way without a library")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        val chosen = data?.data.takeIf { result == RESULT_OK } ?: return
        if (request == PICK) {
            picture.open(chosen)
        } else if (request == PICK_MODEL) {
            addModel(chosen)
        }
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        if (request != CAMERA || results.isEmpty()) return // empty: the question was interrupted
        camera.onPermission(results.first() == PackageManager.PERMISSION_GRANTED)
    }

    private companion object {
        const val TAB = "tab"
        const val TRY = "app.handset.TRY"
        const val PUSHED = "/data/local/tmp/handset/"
        const val PICK = 1
        const val CAMERA = 2
        const val PICK_MODEL = 3
        val ORDER = listOf(R.id.tab_digit, R.id.tab_gallery, R.id.tab_camera, R.id.tab_model)
    }
}
