package app.handset.view

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Outline
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View
import android.view.ViewOutlineProvider
import android.widget.ImageView
import app.handset.R

/** A whole picture with round corners, as large as fits; an empty frame without one. */
class PictureView(context: Context, attributes: AttributeSet?) : ImageView(context, attributes) {
    private val corner = resources.getDimension(R.dimen.corner)

    init {
        clipToOutline = true
        outlineProvider = object : ViewOutlineProvider() {
            override fun getOutline(view: View, outline: Outline) = outline.setPicture()
        }
        show(null)
    }

    fun show(picture: Bitmap?) {
        if (picture == null) {
            setBackgroundResource(R.drawable.card)
            scaleType = ScaleType.CENTER
            setImageResource(R.drawable.empty_picture)
        } else {
            background = null
            scaleType = ScaleType.FIT_CENTER
            setImageBitmap(picture)
        }
        invalidateOutline()
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        super.onLayout(changed, left, top, right, bottom)
        invalidateOutline() // the picture's matrix has changed
    }

    private fun Outline.setPicture() {
        val place = RectF(0f, 0f, width.toFloat(), height.toFloat())
        if (background == null) {
            place.set(0f, 0f, drawable.intrinsicWidth.toFloat(), drawable.intrinsicHeight.toFloat())
            imageMatrix.mapRect(place)
        }
        setRoundRect(place.left.toInt(), place.top.toInt(), place.right.toInt(), place.bottom.toInt(), corner)
    }
}
