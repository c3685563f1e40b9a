"""Means and deviations in wide use, on pixels 0..255: value = (pixel − mean) / std. Channels in the order R, G, B."""

MNIST = ((33.3184,), (78.5675,))  # of the pixels of its 60,000 training digits, computed: 33.31842 and 78.56749
TORCHVISION = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))  # ImageNet's
CAFFE = ((123.68, 116.779, 103.939), (1.0, 1.0, 1.0))  # ImageNet's means, for models that take B, G, R
