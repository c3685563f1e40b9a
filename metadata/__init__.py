"""What a model says about itself, inside its `.tflite` file. Nothing here imports TensorFlow."""
