"""``python -m wirestat``."""

from wirestat.commands import run

if __name__ == "__main__":
    run()
