"""The parts of the text report, one a file: each has ``lines(report, view)``."""
