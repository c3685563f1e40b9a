"""The app as an APK, without an Android SDK: aapt2, Kotlin by Maven, D8, alignment, a signature, and a look at it all.

Bytes of the APK come from the same sources and pinned versions that Gradle uses; what is missing is named in one line.
Nothing here imports TensorFlow.
"""
