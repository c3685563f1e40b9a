package app.handset.tests

const val SMALL = "w360dp-h640dp-port-notnight-hdpi"
const val PHONE = "w411dp-h914dp-port-notnight-xhdpi"
const val PHONE_ON_ITS_SIDE = "w914dp-h411dp-land-notnight-hdpi"
const val UNFOLDED = "w673dp-h841dp-port-notnight-hdpi"
const val TABLET = "w800dp-h1280dp-port-notnight-mdpi"
const val TABLET_ON_ITS_SIDE = "w1280dp-h800dp-land-notnight-mdpi"

/** The same device by night. */
fun dark(qualifiers: String): String = qualifiers.replace("notnight", "night")
