"""Ends that wait for a program at the other: its time, its greeting, its answer."""
