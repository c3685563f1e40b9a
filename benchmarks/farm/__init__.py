"""Phones that another hand holds: jobs packed for a device farm, and its results brought home."""
