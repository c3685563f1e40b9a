package app.handset.view

import android.content.Context
import android.util.AttributeSet
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.TextView

/**
 * Text whose lines are broken between words only. Android 14 breaks Korean between any two syllables, whatever
 * `lineBreakWordStyle` asks for; an invisible character, which a screen reader does not get, keeps them together.
 */
class WordWrapTextView(context: Context, attributes: AttributeSet?) : TextView(context, attributes) {
    override fun setText(text: CharSequence?, type: BufferType?) = super.setText(text?.replace(BETWEEN, JOINER), type)

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        info.text = text.toString().replace(JOINER, "")
    }

    private companion object {
        const val JOINER = "\u2060"
        val BETWEEN = Regex("(?<=[\\p{L}\\p{N}])(?=[가-힣])")
    }
}
