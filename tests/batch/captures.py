"""Captures to run over."""

from pathlib import Path

PCAPS = Path(__file__).parents[2] / "pcaps"
CAPTURE = PCAPS / "normal-close-by-client" / "client.pcap"
