"""What the results of a run mean: raw results in, a `Comparison` out. Nothing is printed or drawn here."""
