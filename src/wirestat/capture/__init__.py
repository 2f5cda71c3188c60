"""Packet sources: one source, one file."""
