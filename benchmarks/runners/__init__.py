"""Who runs a job in place of a phone: LiteRT on this computer, the app's Kotlin, or an emulated arm64 process."""
