"""Load Google's tflite-support modules. They are native, and need a libusb that a bare machine does not have.

Only bindings and tests need them: the package has wheels for Linux on x86_64 alone, and is a dependency there. The
libusb inside the `libusb-package` wheel has the soname they look for, so it is loaded first. Only modules that
leave TensorFlow alone are loaded here: the package's public face, `tflite_support`, cannot live beside TensorFlow.
"""

import ctypes
import importlib
import importlib.util
import platform
import sys
from typing import Any

from metadata.errors import SupportLibraryError

PACKAGE = "tensorflow_lite_support"


def missing_support() -> str | None:
    """Why tflite-support cannot be used on this machine, in one line with what to do; None when it is installed."""
    if importlib.util.find_spec(PACKAGE) is not None:
        return None
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        return "Google's tflite-support is not installed; run make setup"
    return (
        f"Google's tflite-support exists for Linux on x86_64, and this is {platform.system()} on {platform.machine()}; "
        "run it there, or let Android Studio import the model"
    )


def load_support(module: str) -> Any:
    """The module `tensorflow_lite_support.<module>`; SupportLibraryError where the package is not installed."""
    if (reason := missing_support()) is not None:
        raise SupportLibraryError(reason)
    if sys.platform == "linux":
        libusb_package = importlib.import_module("libusb_package")
        ctypes.CDLL(str(libusb_package.get_library_path()), mode=ctypes.RTLD_GLOBAL)
    return importlib.import_module(f"{PACKAGE}.{module}")
