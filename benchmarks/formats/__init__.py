"""The formats in which desktop and phone meet, and their files."""
