package app.handset.view

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View
import app.handset.R

/** A preprocessed picture as square pixels with sharp edges. */
class PixelsView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    private var picture: Bitmap? = null
    private val sharpPaint = Paint().apply { isFilterBitmap = false }
    private val frame = RectF()
    private val outline = Path()

    /** Show [levels]: row by row, 1 or 3 channels, those of a pixel beside each other. */
    fun show(levels: ByteArray, width: Int, height: Int) {
        val channels = levels.size / (width * height)
        val colors = IntArray(width * height) { pixel ->
            val (red, green, blue) = List(3) { levels[pixel * channels + it % channels].toInt() and BYTE }
            Color.rgb(red, green, blue)
        }
        picture = Bitmap.createBitmap(colors, width, height, Bitmap.Config.ARGB_8888)
        contentDescription = resources.getString(R.string.model_saw_description, width, height)
        invalidate()
    }

    override fun onSizeChanged(width: Int, height: Int, oldWidth: Int, oldHeight: Int) {
        frame.set(0f, 0f, width.toFloat(), height.toFloat())
        outline.reset()
        outline.addRoundRect(frame, dp(CORNER_DP), dp(CORNER_DP), Path.Direction.CW)
    }

    override fun onDraw(canvas: Canvas) {
        val shown = picture ?: return
        canvas.clipPath(outline)
        canvas.drawBitmap(shown, null, frame, sharpPaint)
    }

    private companion object {
        const val BYTE = 0xff
        const val CORNER_DP = 12f
    }
}
