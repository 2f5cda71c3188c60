"""Connections and their segments are known again behind boxes that translate, rewrite, clamp and strip."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import wirestat
from tests.compare import lab
from tests.compare.captures import Segment, add, meddled, options
from wirestat.crossing import Stage
from wirestat.report.compared.build import Compared

Meddler = Callable[[Segment, bool], None]

TAPS = ("client", "server")
NAMES = ("normal-close-by-client", "last-ack-lost", "data-lost", "random-loss-1", "reordered-data")
ELSEWHERE = bytes([203, 0, 113, 7])


def numbers_rewritten(header: Segment, from_client: bool) -> None:
    """Count the client's numbers from elsewhere."""
    acknowledges = header[13] & 16
    if from_client:
        add(header, 4, 0xF000_0000)
    elif acknowledges:
        add(header, 8, 0xF000_0000)


def port_translated(header: Segment, from_client: bool) -> None:
    """Give the client's port another number."""
    place = 0 if from_client else 2
    port = struct.unpack_from("!H", header, place)[0]
    struct.pack_into("!H", header, place, port ^ 0x0F0F)


def clamped(header: Segment, from_client: bool) -> None:
    """Lower the segment size to 1300, and take window scale and permission of SACK out of SYNs."""
    if header[13] & 2:
        for kind, place in options(header):
            if kind == 2:
                struct.pack_into("!H", header, place + 2, 1300)
            elif kind in (3, 4):
                header[place : place + header[place + 1]] = b"\x01" * header[place + 1]


def stamps_stripped(header: Segment, from_client: bool) -> None:
    """Take time stamps out."""
    for kind, place in options(header):
        if kind == 8:
            header[place : place + 10] = b"\x01" * 10


def through(name: str, folder: Path, *meddlers: Meddler, address: bytes | None = None) -> Compared:
    client, server = lab.paths(name, TAPS)

    def meddle(header: Segment, from_client: bool) -> None:
        for meddler in meddlers:
            meddler(header, from_client)

    return wirestat.compare(client, meddled(server, folder / "server.pcap", meddle, address), points=TAPS)


def judge(compared: Compared, name: str) -> None:
    certain, possible = lab.wanted(name, TAPS)
    found = lab.found(compared)
    assert not certain - found
    assert not found - certain - possible


def fields(compared: Compared) -> dict[str, tuple[int | None, int | None]]:
    stages: tuple[Stage, ...] = compared.comparison.stages
    changes = [item.change for stage in stages if stage.before == 0 for item in stage.changes]
    return {change.field: (change.before, change.behind) for change in changes}


@pytest.mark.parametrize("name", NAMES)
def test_rewritten_sequence_numbers(name: str, tmp_path: Path) -> None:
    compared = through(name, tmp_path, numbers_rewritten)
    judge(compared, name)
    assert "sequence-numbers" in fields(compared)
    assert set(compared.comparison.known_by) == {"addresses, with sequence numbers rewritten"}


@pytest.mark.parametrize("name", NAMES)
def test_translated_addresses(name: str, tmp_path: Path) -> None:
    compared = through(name, tmp_path, port_translated, address=ELSEWHERE)
    judge(compared, name)
    assert compared.comparison.presence.keys() == lab.compare(name).comparison.presence.keys()
    assert set(compared.comparison.known_by) == {"sequence numbers, through address translation or a tunnel"}


@pytest.mark.parametrize("name", ["normal-close-by-client", "last-ack-lost", "data-lost"])
def test_translated_addresses_and_rewritten_numbers(name: str, tmp_path: Path) -> None:
    compared = through(name, tmp_path, port_translated, numbers_rewritten, address=ELSEWHERE)
    judge(compared, name)


@pytest.mark.parametrize("name", NAMES)
def test_stripped_options(name: str, tmp_path: Path) -> None:
    compared = through(name, tmp_path, clamped, stamps_stripped)
    judge(compared, name)
    changed = fields(compared)
    assert changed["mss"] == (1460, 1300)
    assert changed["window-scale"][1] is None
    assert changed["sack-permitted"] == (1, None)
    assert changed["timestamps"][1] is None


def test_changes_of_a_gateway_are_found() -> None:
    compared = lab.compare("nat-normal-close")
    assert fields(compared) == {"ttl": (64, 63)}
    names = lab.crossings(compared)[0].names
    assert names[0] is not None
    assert names[1] is not None
    seen = lab.truth("nat-normal-close")["connections"][0]["client_seen_by_server"]
    assert (names[1].client_address, names[1].client_port) == (seen["address"], seen["port"])
    assert names[0].client_address != names[1].client_address
