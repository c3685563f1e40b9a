package app.handset.screen

import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import app.handset.R
import app.handset.core.Exif
import app.handset.core.Screen
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.picture.ChosenPicture
import app.handset.picture.PickedPicture
import app.handset.view.PictureView
import app.handset.view.milliseconds

/** Classifies a picture that the user chooses, or that another app shares. */
class GalleryTab(
    parent: ViewGroup,
    private val chosen: ChosenPicture,
    private val classifiers: Classifiers,
    private val pick: (Intent) -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.gallery)
    private val picture = view.findViewById<PictureView>(R.id.picture)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val choose = view.findViewById<Button>(R.id.choose)
    private val card = AnswerCard(view)

    /** What was chosen before Android ended the process. */
    private var restored: Uri? = state?.getString(URI)?.let(Uri::parse)

    init {
        chosen.onChange = ::update
        update()
    }

    /** The system's picker, which needs no permission for the picture that the user chooses. */
    private fun picker(): Intent = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
        Intent(MediaStore.ACTION_PICK_IMAGES).setType(IMAGES)
    } else {
        Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(IMAGES)
    }

    override fun show() {
        chip.showModel(classifiers, Screen.GALLERY)
        if (chosen.uri == null) restored?.let(chosen::open) else chosen.refresh()
        restored = null
    }

    private fun update() {
        val result = chosen.result
        when {
            result != null -> show(result)
            chosen.uri != null -> card.showMessage(view.resources.getString(R.string.working))
            else -> showMessage(view.resources.getString(R.string.gallery_waiting))
        }
        offerChoice()
        if (chosen.isLoading) view.postDelayed({ if (chosen.isLoading) offerCancel() }, PATIENCE_MS)
    }

    private fun offerChoice() {
        choose.setText(R.string.choose_picture)
        choose.setOnClickListener { pick(picker()) }
    }

    /** A picture that lies in a cloud may take long. */
    private fun offerCancel() {
        choose.setText(R.string.cancel)
        choose.setOnClickListener { chosen.cancel() }
    }

    private fun showMessage(text: String) {
        picture.show(null)
        card.showMessage(text)
    }

    private fun show(result: ModelResult<PickedPicture>) {
        val problem = view.resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) showMessage(problem) else show((result as ModelResult.Done).value)
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

    override fun save(state: Bundle) = state.putString(URI, (chosen.uri ?: restored)?.toString())

    private companion object {
        const val URI = "picture"
        const val IMAGES = "image/*"
        const val PATIENCE_MS = 1000L
    }
}
