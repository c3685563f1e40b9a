"""Who runs a job in place of a phone: desktop TensorFlow Lite, the app's Kotlin, or an emulated arm64 process."""
