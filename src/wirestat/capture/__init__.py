"""Where packets come from: one source, one file."""
