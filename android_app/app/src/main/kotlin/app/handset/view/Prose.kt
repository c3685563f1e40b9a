package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.TextView

/**
 * Sentences, which are broken between words only. Android 14 breaks Korean between any two syllables, whatever
 * `lineBreakWordStyle` asks for: what cannot be seen or heard joins them.
 */
class Prose(context: Context, attributes: AttributeSet?) : TextView(context, attributes) {
    override fun setText(said: CharSequence?, type: BufferType?) = super.setText(said?.replace(BETWEEN, JOINER), type)

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        info.text = text.toString().replace(JOINER, "")
    }

    private companion object {
        const val JOINER = "\u2060"
        val BETWEEN = Regex("(?<=[\\p{L}\\p{N}])(?=[가-힣])")
    }
}
