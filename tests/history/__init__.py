"""What a long capture keeps, and what is asked of it."""
