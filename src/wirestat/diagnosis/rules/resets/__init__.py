"""Connections that end by a reset: who sent it, and why."""
