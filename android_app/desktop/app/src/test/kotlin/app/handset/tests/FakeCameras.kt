package app.handset.tests

import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.impl.CameraCaptureSessionImpl
import android.hardware.camera2.impl.CameraDeviceImpl
import android.os.Handler
import android.util.Size
import android.view.Surface
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowCameraCaptureSessionImpl
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowCameraDeviceImpl
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.shadows.StreamConfigurationMapBuilder

/** What the cameras of a test do: all that is asked of them is in [calls], and each step fails as it says. */
object FakeCameras {
    /** What was asked of the cameras, in that order. */
    val calls = CopyOnWriteArrayList<String>()

    /** Threads that asked for the list of cameras, or for one to be opened. */
    val threads = CopyOnWriteArrayList<String>()

    var onList: Exception? = null
    var onDescribe: Map<String, Exception> = mapOf()
    var onOpen: Exception? = null
    var onSession: Exception? = null
    var onRepeat: Exception? = null
    var failsToConfigure = false

    /** Whether a camera that is opened says so only when a test wants it. */
    var isSlow = false

    /** Called while a camera is being opened, on the thread that opens it. */
    @Volatile
    var whileOpening: () -> Unit = {}

    /** The last camera that was opened, and whom it tells. */
    @Volatile
    var opened: Pair<CameraDevice, CameraDevice.StateCallback>? = null

    fun reset() {
        calls.clear()
        threads.clear()
        onList = null
        onDescribe = mapOf()
        onOpen = null
        onSession = null
        onRepeat = null
        failsToConfigure = false
        isSlow = false
        whileOpening = {}
        opened = null
    }

    /** A camera as phones have them. */
    fun traits(facing: Int = CameraCharacteristics.LENS_FACING_BACK): CameraCharacteristics = bare(facing).also {
        val sizes = StreamConfigurationMapBuilder.newBuilder()
            .addOutputSize(Size(1280, 960)).addOutputSize(Size(1920, 1080))
            .addOutputSize(ImageFormat.YUV_420_888, Size(640, 480))
        Shadow.extract<ShadowCameraCharacteristics>(it)[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP] =
            sizes.build()
    }

    /** A camera that gives a preview and no frames. */
    fun withoutFrames(): CameraCharacteristics = bare(CameraCharacteristics.LENS_FACING_BACK).also {
        val sizes = StreamConfigurationMapBuilder.newBuilder().addOutputSize(Size(1280, 960))
        Shadow.extract<ShadowCameraCharacteristics>(it)[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP] =
            sizes.build()
    }

    /** A camera that does not say what it gives, as one for depth. */
    fun bare(facing: Int): CameraCharacteristics = ShadowCameraCharacteristics.newCameraCharacteristics().also {
        val traits = Shadow.extract<ShadowCameraCharacteristics>(it)
        traits[CameraCharacteristics.LENS_FACING] = facing
        traits[CameraCharacteristics.SENSOR_ORIENTATION] = 90
    }
}

@Implements(CameraManager::class)
class FakeCameraManager : ShadowCameraManager() {
    @Implementation
    override fun getCameraIdList(): Array<String> {
        FakeCameras.threads += Thread.currentThread().name
        FakeCameras.onList?.let { throw it }
        return super.getCameraIdList()
    }

    @Implementation
    override fun getCameraCharacteristics(id: String): CameraCharacteristics {
        FakeCameras.onDescribe[id]?.let { throw it }
        return super.getCameraCharacteristics(id)
    }

    @Implementation
    override fun openCameraDeviceUserAsync(
        id: String,
        callback: CameraDevice.StateCallback,
        executor: Executor,
        uid: Int,
        score: Int,
        portrait: Boolean
    ): CameraDevice {
        FakeCameras.threads += Thread.currentThread().name
        FakeCameras.calls += "open $id"
        FakeCameras.whileOpening()
        FakeCameras.onOpen?.let { throw it }
        val answers = if (FakeCameras.isSlow) Executor { } else executor
        val device = super.openCameraDeviceUserAsync(id, callback, answers, uid, score, portrait)
        FakeCameras.opened = device to callback
        return device
    }
}

@Implements(CameraDeviceImpl::class, isInAndroidSdk = false)
class FakeCameraDevice : ShadowCameraDeviceImpl() {
    @Implementation
    override fun createCaptureSession(
        outputs: List<Surface>,
        callback: CameraCaptureSession.StateCallback,
        handler: Handler
    ) {
        FakeCameras.onSession?.let { throw it }
        if (FakeCameras.failsToConfigure) {
            val session = Shadow.newInstanceOf(CameraCaptureSessionImpl::class.java)
            handler.post { callback.onConfigureFailed(session) }
        } else {
            super.createCaptureSession(outputs, callback, handler)
        }
    }

    @Implementation
    override fun close() {
        // Devices of earlier tests are closed again when they are collected, on another thread.
        if (Thread.currentThread().name == "camera") FakeCameras.calls += "close"
        super.close()
    }
}

@Implements(CameraCaptureSessionImpl::class, isInAndroidSdk = false)
class FakeCameraSession : ShadowCameraCaptureSessionImpl() {
    @Implementation
    override fun setRepeatingRequest(
        request: CaptureRequest,
        callback: CameraCaptureSession.CaptureCallback?,
        handler: Handler
    ): Int {
        FakeCameras.onRepeat?.let { throw it }
        FakeCameras.calls += "repeat"
        return 1
    }

    @Implementation
    fun stopRepeating() {
        FakeCameras.calls += "stop"
    }
}

@Implements(SurfaceTexture::class)
class FakeSurfaceTexture {
    @Implementation
    fun release() {
        FakeCameras.calls += "release"
    }
}
