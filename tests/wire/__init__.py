"""Wire scripts: how they are written stands in ``tests/wirescript/script.py``."""
