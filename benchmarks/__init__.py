"""Prove on phones what the desktop promised. Only what computes a desktop reference imports TensorFlow."""
