package app.handset.tests

import android.content.Intent
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.HandsetApplication
import app.handset.MainActivity
import app.handset.core.Screen
import app.handset.engine.Interpreter
import java.io.File
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The app on a device that Robolectric simulates, with a real interpreter; a test uses it as a user would. */
class Device : AutoCloseable {
    val application = RuntimeEnvironment.getApplication() as HandsetApplication
    private var launched: ActivityController<MainActivity>? = null

    val controller: ActivityController<MainActivity> get() = checkNotNull(launched) { "launch comes first" }
    val activity: MainActivity get() = controller.get()

    fun launch(intent: Intent? = null): Device = launch(JvmInterpreter, intent)

    fun launch(interpreter: Interpreter, intent: Intent? = null): Device {
        application.interpreter = interpreter
        val built = Robolectric.buildActivity(MainActivity::class.java, intent ?: Intent(Intent.ACTION_MAIN))
        launched = built.setup()
        waitUntilIdle()
        return this
    }

    /** Wait until all work is done and its answer is on the screen. */
    fun waitUntilIdle() {
        waitForPicture()
        repeat(ROUNDS) {
            // an answer may ask for another one
            val passed = CountDownLatch(1)
            application.classifiers.run(Screen.DIGIT, { }) { passed.countDown() }
            waitFor("the models' thread did not answer") { passed.await(1, TimeUnit.MILLISECONDS) }
        }
        waitForCamera()
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** Wait until another app has handed over the picture, and it can be looked at. */
    fun waitForPicture() = waitFor("a picture did not load") { launched?.get()?.picture?.isLoading != true }

    /** Wait until the camera's thread has done what it was asked for. */
    private fun waitForCamera() {
        val passed = CountDownLatch(1)
        application.cameraThread.post { passed.countDown() }
        waitFor("the camera's thread did not answer") { passed.await(1, TimeUnit.MILLISECONDS) }
    }

    private fun waitFor(problem: String, isReached: () -> Boolean) {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S)
        while (!isReached()) {
            check(System.nanoTime() < deadline) { problem }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(1)
        }
    }

    fun tap(id: Int) {
        check(view<View>(id).performClick()) { "nothing listens to ${activity.resources.getResourceName(id)}" }
        waitUntilIdle()
    }

    /** Turn or resize the device: the activity is recreated, as on a phone. */
    fun turn(qualifiers: String) {
        val before = activity
        RuntimeEnvironment.setQualifiers(qualifiers)
        controller.recreate()
        check(activity !== before) { "the activity was not made anew for $qualifiers" }
        waitUntilIdle()
    }

    /** Another app sends [intent] while this one is open. */
    fun receive(intent: Intent) {
        controller.newIntent(intent)
        waitUntilIdle()
    }

    fun <V : View> view(id: Int): V =
        activity.findViewById(id) ?: error("not on the screen: ${activity.resources.getResourceName(id)}")

    fun text(id: Int): String = view<TextView>(id).text.toString()

    fun isShown(id: Int): Boolean = activity.findViewById<View>(id)?.isShown == true

    /** All views of the window, from the outermost on. */
    fun views(): List<View> = all(activity.window.decorView)

    private fun all(view: View): List<View> = listOf(view) +
        if (view is ViewGroup) (0 until view.childCount).flatMap { all(view.getChildAt(it)) } else listOf()

    /** A picture of the screen in build/screenshots. */
    fun screenshot(name: String) {
        waitUntilIdle()
        val bitmap = screen()
        val target = FOLDER.resolve("$name.png")
        FOLDER.mkdirs()
        target.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    /** What a user would see, drawn by Android's own renderer. */
    private fun screen(): Bitmap {
        val view = activity.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        var result = -1
        PixelCopy.request(activity.window, bitmap, { result = it }, Handler(Looper.getMainLooper()))
        shadowOf(Looper.getMainLooper()).idle()
        check(result == PixelCopy.SUCCESS) { "no picture of the screen: $result" }
        return bitmap
    }

    override fun close() {
        launched?.pause()?.stop()?.destroy()
        launched = null
        shadowOf(Looper.getMainLooper()).idle()
    }

    companion object {
        val ROOT = File(checkNotNull(System.getProperty("handset.root"))).canonicalFile
        private val FOLDER = ROOT.resolve("build/screenshots")
        private const val ROUNDS = 2
        private const val PATIENCE_S = 20L
    }
}
