"""Transfer learning: a folder of class folders and a frozen extractor of features become a classifier.

Pictures are values until they are decoded, and only a batch of them is decoded at a time. TensorFlow is imported where
a network is built; what there is to learn, and whether anything has changed, is known without it.
"""
