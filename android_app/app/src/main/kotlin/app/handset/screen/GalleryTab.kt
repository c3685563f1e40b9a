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
import app.handset.core.Screen
import app.handset.model.Answer
import app.handset.model.Classifiers
import app.handset.model.ModelResult
import app.handset.picture.ChosenPicture
import app.handset.view.PictureView
import app.handset.view.milliseconds

/** Classifies a picture that the user chooses, or that another app shares. */
class GalleryTab(
    parent: ViewGroup,
    private val chosen: ChosenPicture,
    private val classifiers: Classifiers,
    private val pick: (List<Intent>) -> Unit,
    state: Bundle?
) : Tab {
    override val view: View = inflate(parent, R.layout.gallery)
    private val picture = view.findViewById<PictureView>(R.id.picture)
    private val chip = view.findViewById<TextView>(R.id.chip)
    private val choose = view.findViewById<Button>(R.id.choose)
    private val card = AnswerCard(view, classifiers.settings)

    /** What was chosen before Android ended the process. */
    private var restored: Uri? = state?.getString(URI)?.let(Uri::parse)

    init {
        chosen.onChange = ::update
        update()
    }

    /** The system's pickers, which need no permission for the picture that the user chooses; the best one first. */
    private fun pickers(): List<Intent> = listOfNotNull(
        Intent(MediaStore.ACTION_PICK_IMAGES).takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU },
        Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE)
    ).onEach { it.type = IMAGES }

    override fun show() {
        chip.showModel(classifiers, Screen.GALLERY)
        if (chosen.uri == null) restored?.let(chosen::open) else chosen.refresh()
        restored = null
    }

    private fun update() {
        val result = chosen.result
        val loaded = chosen.picture
        if (loaded != null || result != null || chosen.uri == null) picture.show(loaded?.thumbnail)
        when {
            result != null -> show(result)
            chosen.uri != null -> card.showMessage(view.resources.getString(R.string.working))
            else -> card.showMessage(view.resources.getString(R.string.gallery_waiting))
        }
        offerChoice()
        if (chosen.isLoading) view.postDelayed({ if (chosen.isLoading) offerCancel() }, PATIENCE_MS)
    }

    private fun offerChoice() {
        choose.setText(R.string.choose_picture)
        choose.setOnClickListener { pick(pickers()) }
    }

    /** A picture that lies in a cloud may take long. */
    private fun offerCancel() {
        choose.setText(R.string.cancel)
        choose.setOnClickListener { chosen.cancel() }
    }

    private fun show(result: ModelResult<Answer>) {
        val resources = view.resources
        val problem = resources.problem(result, classifiers.settings.chosenAccelerator)
        if (problem != null) return card.showMessage(problem)
        val answer = (result as ModelResult.Done).value
        val times = resources.getString(
            R.string.times_picture,
            milliseconds(answer.times.decodeNs),
            milliseconds(answer.times.preprocessNs),
            milliseconds(answer.times.invokeNs)
        )
        val shown = chosen.picture ?: return
        val facts = if (shown.isTurned) R.string.picture_facts_turned else R.string.picture_facts
        val size = resources.getString(facts, shown.size.width, shown.size.height)
        card.show(answer, "$times\n$size")
        if (shown.isByAndroid) card.remark(resources.getString(R.string.picture_by_android))
    }

    override fun save(state: Bundle) = state.putString(URI, (chosen.uri ?: restored)?.toString())

    private companion object {
        const val URI = "picture"
        const val IMAGES = "image/*"
        const val PATIENCE_MS = 1000L
    }
}
