"""A Comparison as files, for people and for machines. Nothing is computed here: what is shown was said by a Comparison.

Names and texts come from devices and files: they are cleaned by `clean` and escaped by the syntax they are put into.
"""
