"""Transfer learning: a folder of class folders and a frozen network that extracts features become a classifier.

Pictures are decoded a batch at a time. TensorFlow is imported only where a network is built; reading the folders, and
finding that nothing has changed, needs none.
"""
