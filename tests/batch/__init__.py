"""Many captures in one run."""
