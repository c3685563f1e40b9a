"""One picture through every stage, desktop and phone."""
