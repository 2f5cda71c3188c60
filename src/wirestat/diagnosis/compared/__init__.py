"""Captures of the same traffic from several points: verdicts that one of them alone cannot give."""
