"""From recipes to packed models: `python -m export`. Importing this package does not import TensorFlow."""

import os

# TensorFlow reads it when it first reserves memory. On processors with AVX512-VNNI or AMX it works with oneDNN, whose
# own allocator keeps what is freed for later: a gigabyte of a VGG16, while it is converted. The system's gives it back.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
