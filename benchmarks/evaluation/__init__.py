"""Runs models on this computer and computes the statistics of their answers. Used by export too."""
