"""Load Google's tflite-support modules. They are native, and need a libusb that a bare machine does not have.

The libusb inside the `libusb-package` wheel has the soname they look for, so it is loaded first. Only modules that
leave TensorFlow alone are loaded here: the package's public face, `tflite_support`, cannot live beside TensorFlow.
"""

import ctypes
import importlib
from functools import cache
from typing import Any


@cache
def load_support(module: str) -> Any:
    """The module `tensorflow_lite_support.<module>`."""
    libusb_package = importlib.import_module("libusb_package")
    ctypes.CDLL(str(libusb_package.get_library_path()), mode=ctypes.RTLD_GLOBAL)
    return importlib.import_module(f"tensorflow_lite_support.{module}")
