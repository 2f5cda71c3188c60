"""What an attacker may send: floods, bombs and monsters, and what they may cost beside plain traffic."""
