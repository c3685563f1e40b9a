"""What the benchmark app is called on a phone."""

PACKAGE = "app.handset"
RUNNER = f"{PACKAGE}/.BenchmarkInstrumentation"
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
"""What the app's runtime has native code for."""
