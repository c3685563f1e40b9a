"""A phone made of a folder: an adb daemon on 127.0.0.1 that real adb clients accept, for dry runs and tests.

It runs nothing but its own table of commands and the job runner it was given, and writes only into its folder. What it
produces is labelled virtual: its latency is not a phone's.
"""
