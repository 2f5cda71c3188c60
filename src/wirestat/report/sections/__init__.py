"""The parts of the text report, one per file: each has ``lines(report, view)``."""
