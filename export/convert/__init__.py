"""From a Keras model to packed `.tflite` variants, and what is tried where int8 loses too much."""
