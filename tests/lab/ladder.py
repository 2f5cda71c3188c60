"""``python -m tests.lab.ladder DIR/NAME [TAP]``: the frames of one capture and the truth beside them, in
order of time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import pcap
from .frames import parse

USAGE = "usage: python -m tests.lab.ladder DIR/NAME [client|middle|server]"


def ladder(folder: Path, tap: str) -> list[str]:
    """One line a frame, transition, kernel event and act of the wire; times in ms since the first of them."""
    truth = json.loads((folder / "truth.json").read_text())
    rows: list[tuple[int, str]] = []
    first_client = truth["connections"][0]["client"]["address"] if truth["connections"] else None
    for number, (time_ns, raw) in enumerate(pcap.read(folder / f"{tap}.pcap"), 1):
        frame = parse(raw)
        if not frame.is_tcp:
            rows.append(
                (time_ns, f"{number:4} {frame.source} > {frame.destination} protocol {frame.protocol}")
            )
            continue
        arrow = ">" if frame.source == first_client else "<"
        port = frame.source_port if arrow == ">" else frame.destination_port
        text = f"{number:4} {port} {arrow} {frame.flag_letters:4} {frame.seq}:{frame.seq + frame.length}"
        rows.append((time_ns, f"{text}({frame.length}) ack {frame.ack} win {frame.window}"))
    for connection in truth["connections"]:
        name = f"{connection['client']['port']}#{connection['incarnation']}"
        for each in connection["transitions"]:
            told = f"{each['source']} ±{each['uncertainty_ns'] / 1e6:.3f} ms"
            rows.append(
                (each["time_ns"], f"{'':50}{name} {each['endpoint']}: {each['from']} → {each['to']} ({told})")
            )
        for each in connection["unknowable"]:
            rows.append(
                (each["from_time_ns"] + 1, f"{'':50}{name} unknowable: {each['endpoint']} {each['reason']}")
            )
    for each in truth["kernel_events"]:
        rows.append(
            (
                each["time_ns"],
                f"{'':50}* {each['endpoint']} {each['event']} {each.get('state', '')} {each.get('reason', '')}",
            )
        )
    for each in truth["wire"]:
        segment = f"{each['flags']} {each['seq']} ({each['length']})"
        text = f"{each['action']} {segment} {each['direction']} at {each['stage']}"
        rows.append((each["time_ns"], f"{'':50}~ {text}"))
    rows.sort(key=lambda row: row[0])
    start = rows[0][0] if rows else 0
    return [f"{(time_ns - start) / 1e6:10.3f} {text}" for time_ns, text in rows]


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(USAGE, file=sys.stderr)
        return 2
    print("\n".join(ladder(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "middle")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
