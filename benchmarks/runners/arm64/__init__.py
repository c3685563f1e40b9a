"""arm64 kernels without a phone: the desktop's job runner in an arm64 interpreter, emulated. Linux only."""
