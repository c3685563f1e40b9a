"""Models that the user brings: files in, recipes out. What a file says is looked at before anything in it is run."""
