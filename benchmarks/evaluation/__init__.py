"""What models answer on this computer, and how sure a comparison of answers is. Used by export too."""
