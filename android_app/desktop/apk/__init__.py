"""Builds the app as an APK without an Android SDK: aapt2, Kotlin by Maven, D8, alignment, a signature, and checks.

Sources and pinned versions are those that Gradle uses; a missing program is named in one line.
Nothing here imports TensorFlow.
"""
