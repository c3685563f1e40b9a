"""From recipes to packed models: `python -m export`. Importing this package does not import TensorFlow."""
