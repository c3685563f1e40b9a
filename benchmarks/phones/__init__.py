"""Phones as they are found: which there are, how they are, and what speaks against measuring on them."""
