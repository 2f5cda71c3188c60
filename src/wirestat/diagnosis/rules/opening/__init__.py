"""Connections that are asked for: refused, unanswered, late, and opened at one end only."""
