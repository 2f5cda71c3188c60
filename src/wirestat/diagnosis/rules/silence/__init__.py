"""Connections on which an end stops answering."""
