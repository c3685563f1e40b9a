"""What a converted model is held against before it ships."""
