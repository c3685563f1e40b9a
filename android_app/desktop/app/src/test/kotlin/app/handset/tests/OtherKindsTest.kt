package app.handset.tests

import android.content.Intent
import android.graphics.Bitmap
import android.graphics.ColorSpace
import android.os.Build
import android.util.Size
import app.handset.R
import app.handset.core.InputException
import app.handset.core.PictureSink
import app.handset.core.Screen
import app.handset.core.blue
import app.handset.core.green
import app.handset.core.red
import app.handset.model.Answer
import app.handset.model.ModelResult
import app.handset.picture.AndroidDecoder
import app.handset.picture.BitmapDecoder
import app.handset.picture.PickedPicture
import kotlin.math.abs
import kotlin.math.roundToInt
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.util.ReflectionHelpers

/** Pictures that the benchmark refuses or reads otherwise, and the gallery leaves to Android. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], qualifiers = PHONE)
class OtherKindsTest {
    private val device = Device()
    private val photograph = Photographs.bytes(Photographs.names.first())

    @After
    fun close() = device.close()

    private fun classified(data: ByteArray): Answer {
        var result: ModelResult<Answer>? = null
        device.application.classifiers.run(Screen.GALLERY, PickedPicture.open(data)::classify) { result = it }
        device.waitUntilIdle()
        return (result as ModelResult.Done).value
    }

    private fun share(name: String, data: ByteArray) = device.receive(
        Intent(Intent.ACTION_SEND).setType("image/*").putExtra(Intent.EXTRA_STREAM, Photographs.share(name, data))
    )

    private fun deep(exif: ByteArray = ByteArray(0)): ByteArray {
        val (pixels, width, height) = OtherKinds.pixels(photograph)
        return OtherKinds.sixteenBits(pixels, width, height, exif)
    }

    @Test
    fun `a PNG of 16 bits gives the levels of the same picture with 8, and is marked`() {
        device.launch()
        assertArrayEquals(classified(photograph).levels, classified(deep()).levels)
        share("deep.png", deep())
        assertTrue(device.isShown(R.id.answer) && device.isShown(R.id.message))
        assertEquals(device.activity.getString(R.string.picture_by_android), device.text(R.id.message))
        share("plain.png", photograph)
        assertTrue(device.isShown(R.id.answer) && !device.isShown(R.id.message))
    }

    @Test
    @Config(qualifiers = "ko-$PHONE")
    fun `the mark is in the user's language`() {
        device.launch()
        share("deep.png", deep())
        val shown = device.text(R.id.message).replace("\u2060", "") // which keeps Korean words together
        assertEquals("Android가 디코딩했습니다. 데스크톱과 다를 수 있습니다.", shown)
    }

    @Test
    fun `Android turns a picture as its EXIF says`() {
        val lying = PickedPicture.open(deep(Photographs.exif(6)))
        val upright = PickedPicture.open(deep())
        assertEquals(upright.size.width, lying.size.height)
        assertEquals(lying.size.width, checkNotNull(lying.thumbnail).width)
    }

    @Test
    fun `a JPEG in CMYK is opened and marked`() {
        val data = OtherKinds.golden("cmyk.jpg")
        val picture = PickedPicture.open(data)
        assertTrue(picture.isByAndroid)
        assertEquals(Size(64, 48), picture.size)
        val pixel = decoded(data).first()
        near(200 / 255f, red(pixel), LOSSY)
        near(80 / 255f, green(pixel), LOSSY)
        near(40 / 255f, blue(pixel), LOSSY)
    }

    @Test
    fun `colours beyond sRGB are converted, and the picture is marked`() {
        val p3 = ColorSpace.get(ColorSpace.Named.DISPLAY_P3)
        val colour = android.graphics.Color.valueOf(0.8f, 0.4f, 0.2f, 1f, p3)
        for (format in listOf(Bitmap.CompressFormat.PNG, Bitmap.CompressFormat.JPEG)) {
            val data = OtherKinds.profiled(ColorSpace.Named.DISPLAY_P3, format, 0.8f, 0.4f, 0.2f)
            assertTrue("$format", PickedPicture.open(data).isByAndroid)
            val expected = colour.convert(ColorSpace.get(ColorSpace.Named.SRGB))
            val pixel = decoded(data).first()
            near(expected.red(), red(pixel))
            near(expected.green(), green(pixel))
            near(expected.blue(), blue(pixel))
        }
    }

    private fun near(exact: Float, level: Int, levels: Int = 2) =
        assertTrue("$exact became $level", abs((exact * 255).roundToInt() - level) <= levels)

    @Test
    fun `a picture with the profile of sRGB is read as the benchmark reads it`() {
        val plain = OtherKinds.profiled(ColorSpace.Named.SRGB, Bitmap.CompressFormat.PNG, 0.8f, 0.4f, 0.2f)
        assertFalse(PickedPicture.open(plain).isByAndroid)
    }

    @Test
    fun `what Android cannot decode either is named as before`() {
        // A phone decodes both; Android's graphics for desktops have no decoder of either.
        for ((file, kind) in mapOf("still.heic" to "HEIF", "still.avif" to "AVIF")) {
            val refusal = assertThrows(InputException::class.java) { PickedPicture.open(OtherKinds.golden(file)) }
            assertEquals("picture: $kind, [JPEG, PNG, WEBP, GIF, BMP] are read here; convert it", refusal.message)
        }
    }

    @Test
    fun `the benchmark's decoder refuses by name what the gallery opens`() {
        for ((name, data) in mapOf("16 bits" to deep(), "CMYK" to OtherKinds.golden("cmyk.jpg"))) {
            val refusal = assertThrows(InputException::class.java) {
                BitmapDecoder().decode(data, "job", Photographs.IgnoringSink)
            }
            assertTrue(refusal.message, name in refusal.message.orEmpty())
        }
    }

    @Test
    fun `Android 8 has no such decoder, and the picture is named as before`() {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.O_MR1)
        try {
            val refusal = assertThrows(InputException::class.java) { PickedPicture.open(deep()) }
            assertEquals("picture: 16 bits a channel, 8 are read here; save it with 8", refusal.message)
        } finally {
            ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
        }
    }

    @Test
    fun `a picture that is too large for the memory is scaled down, not refused`() {
        val (pixels, width, height) = OtherKinds.pixels(photograph)
        val data = OtherKinds.sixteenBits(pixels, width, height)
        val small = Kept().also { AndroidDecoder(wholePixels = width * height / 4L).decode(data, "large.png", it) }
        assertTrue("${small.width} of $width", small.width in width / 3..width / 2 + 1)
        assertEquals(small.width.toDouble() / width, small.height.toDouble() / height, 0.02)
    }

    private fun decoded(data: ByteArray) = Kept().also { AndroidDecoder().decode(data, "picture", it) }.pixels

    /** Keeps what is decoded. */
    private class Kept : PictureSink {
        var width = 0
        var height = 0
        var pixels = IntArray(0)

        override fun begin(width: Int, height: Int, orientation: Int) {
            this.width = width
            this.height = height
        }

        override fun rows(pixels: IntArray, offset: Int, stride: Int, firstRow: Int, count: Int) {
            this.pixels = pixels
        }
    }

    private companion object {
        const val LOSSY = 6
    }
}
