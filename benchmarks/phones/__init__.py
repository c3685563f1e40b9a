"""Phones before a run: which are used, their state, and what speaks against measuring on them."""
