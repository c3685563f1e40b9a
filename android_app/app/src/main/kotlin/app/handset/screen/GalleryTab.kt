package app.handset.screen

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import app.handset.R
import app.handset.core.Exif
import app.handset.core.Screen
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.picture.PickedPicture
import app.handset.view.PictureView
import app.handset.view.milliseconds

/** Classifies a picture that the user chooses, or that another app shares. */
class GalleryTab(
    parent: ViewGroup,
    private val activity: Activity,
    private val classifiers: Classifiers,
    private val pick: (Intent) -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.gallery)
    private val picture = view.findViewById<PictureView>(R.id.picture)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val card = AnswerCard(view)
    private var uri: Uri? = state?.getString(URI)?.let(Uri::parse)
    private var shownSettings: String? = null
    private var latestRequest = 0

    init {
        card.showMessage(view.resources.getString(R.string.gallery_waiting))
        view.findViewById<View>(R.id.choose).setOnClickListener { pick(picker()) }
    }

    /** The system's picker, which needs no permission for the picture that the user chooses. */
    private fun picker(): Intent = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
        Intent(MediaStore.ACTION_PICK_IMAGES).setType(IMAGES)
    } else {
        Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(IMAGES)
    }

    /** Show and classify the picture behind [chosen]. */
    fun open(chosen: Uri) {
        uri = chosen
        shownSettings = null
        classify()
    }

    override fun show() {
        chip.showModel(classifiers, Screen.GALLERY)
        classify()
    }

    private fun classify() {
        val chosen = uri ?: return
        val settings = "$chosen ${classifiers.entry(Screen.GALLERY)?.path} ${classifiers.settings.options}"
        if (settings == shownSettings) return
        shownSettings = settings
        val request = ++latestRequest
        card.showMessage(view.resources.getString(R.string.working))
        val resolver = activity.applicationContext.contentResolver
        classifiers.run(Screen.GALLERY, { PickedPicture.classify(resolver, chosen, it) }) { result ->
            if (request == latestRequest) show(result)
        }
    }

    private fun show(result: ModelResult<PickedPicture>) {
        val problem = view.resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) {
            picture.show(null)
            card.showMessage(problem)
            return
        }
        show((result as ModelResult.Done).value)
    }

    private fun show(picked: PickedPicture) {
        val answer = picked.answer
        picture.show(picked.thumbnail)
        val times = view.resources.getString(
            R.string.times_picture,
            milliseconds(answer.times.decodeNs),
            milliseconds(answer.times.preprocessNs),
            milliseconds(answer.times.invokeNs)
        )
        val header = picked.header
        val turned = header.orientation != Exif.UPRIGHT
        val facts = if (turned) R.string.picture_facts_turned else R.string.picture_facts
        card.show(answer, "$times\n${view.resources.getString(facts, header.width, header.height)}")
    }

    override fun save(state: Bundle) = state.putString(URI, uri?.toString())

    private companion object {
        const val URI = "picture"
        const val IMAGES = "image/*"
    }
}
