"""The history of a long capture, and questions to it."""
