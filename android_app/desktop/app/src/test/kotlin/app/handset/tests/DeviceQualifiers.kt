package app.handset.tests

const val PHONE = "w411dp-h914dp-port-notnight-xhdpi"
const val TABLET = "w800dp-h1280dp-port-notnight-hdpi"
