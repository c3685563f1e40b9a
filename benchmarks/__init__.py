"""Instruments and phones. Importing this package, or anything in it but `desktop`, does not import TensorFlow."""
