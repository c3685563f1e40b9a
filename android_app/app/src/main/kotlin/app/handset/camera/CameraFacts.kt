package app.handset.camera

import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.util.Size
import kotlin.math.abs

/** Where a camera looks; in the order in which they are preferred. */
enum class Facing { BACK, EXTERNAL, FRONT }

/** A camera that gives a preview and frames. */
class CameraFacts(
    val id: String,
    val facing: Facing,
    /** The clockwise angle between the sensor and the device. */
    val sensorDegrees: Int,
    val previewSize: Size,
    val frameSize: Size,
    val focusesByItself: Boolean
) {
    companion object {
        private const val PREVIEW_PIXELS = 1280 * 960
        private const val FRAME_PIXELS = 640 * 480

        /**
         * The cameras that can be used, the preferred one first: of those built in, one to each side; all that are
         * plugged in.
         *
         * Some phones list cameras that they cannot describe, or that give depth only: those are passed over. Throws
         * what camera2 throws where not even the list can be had, or no camera can be described.
         */
        fun list(manager: CameraManager): List<CameraFacts> {
            val read = manager.cameraIdList.map { id -> described { of(id, manager.getCameraCharacteristics(id)) } }
            if (read.isNotEmpty() && read.all { it.isFailure }) read.first().getOrThrow()
            return read.mapNotNull { it.getOrNull() }
                .distinctBy { if (it.facing == Facing.EXTERNAL) it.id else it.facing.name }
                .sortedBy { it.facing }
        }

        /** Whether there is surely no camera, whatever the app may do with one. */
        fun isNone(manager: CameraManager): Boolean = try {
            manager.cameraIdList.isEmpty()
        } catch (_: CameraAccessException) {
            false
        }

        private fun described(read: () -> CameraFacts?): Result<CameraFacts?> = try {
            Result.success(read())
        } catch (error: CameraAccessException) {
            Result.failure(error)
        } catch (error: IllegalArgumentException) {
            Result.failure(error)
        }

        private fun of(id: String, traits: CameraCharacteristics): CameraFacts? {
            val sizes = traits[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP] ?: return null
            return CameraFacts(
                id,
                facing(traits[CameraCharacteristics.LENS_FACING]),
                traits[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0,
                nearest(sizes.getOutputSizes(SurfaceTexture::class.java), PREVIEW_PIXELS) ?: return null,
                nearest(sizes.getOutputSizes(ImageFormat.YUV_420_888), FRAME_PIXELS) ?: return null,
                traits[CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES].orEmpty()
                    .contains(CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            )
        }

        private fun IntArray?.orEmpty() = this ?: IntArray(0)

        private fun facing(lens: Int?): Facing = when (lens) {
            CameraCharacteristics.LENS_FACING_FRONT -> Facing.FRONT
            CameraCharacteristics.LENS_FACING_EXTERNAL -> Facing.EXTERNAL
            else -> Facing.BACK
        }

        /**
         * The size of shape 4:3, as sensors are, with about [pixels]; of any shape where there is none such; null where
         * there is no size at all.
         */
        fun nearest(sizes: Array<Size>?, pixels: Int): Size? {
            val whole = sizes.orEmpty().filter { it.width * 3 == it.height * 4 }.ifEmpty { sizes.orEmpty().toList() }
            return whole.minByOrNull { abs(it.width * it.height - pixels) }
        }
    }
}
