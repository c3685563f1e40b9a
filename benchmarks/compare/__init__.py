"""Compares the results of runs: raw results in, a `Comparison` with verdicts out. Nothing is printed or rendered."""
