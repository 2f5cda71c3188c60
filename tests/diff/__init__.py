"""Two captures, service by service."""
