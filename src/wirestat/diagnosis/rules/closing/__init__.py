"""Connections that are closed: by whom, how, and where they get stuck on the way out."""
