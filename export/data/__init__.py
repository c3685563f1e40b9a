"""Data from packages, downloads and folders of pictures. Files in, arrays and evaluation entries out."""
