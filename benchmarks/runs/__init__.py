"""A run: from its specification to every phone's results on disk."""
