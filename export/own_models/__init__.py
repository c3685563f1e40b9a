"""Models that the user brings: files in, recipes out. A file is checked before anything in it is run."""
