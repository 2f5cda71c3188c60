"""The lists of the screen, one per file."""
