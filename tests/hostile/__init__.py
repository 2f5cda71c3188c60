"""An attacker's packets: floods, bombs and monsters, and what they may cost beside plain traffic."""
