"""A run: from the wish to every phone's results on disk."""
