"""The same stories under other circumstances: what is told must not hang on addresses, numbers, or the tap's place.

A variation tells a story again and changes how its conversations are made, or the frames that come of it; what is
expected stays, but for addresses. Expectations that cannot hold under a variation stand in ``lost.toml``
with their reasons.
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.field.company import cut, in_vlan, in_vxlan, on_both_sides
from tests.field.matrix import failures_of
from tests.field.story import Story, Taps
from tests.field.talk import BASE_NS, FAREWELL, GREETING, Talk, Wire
from tests.packets.files import Frame, pcap
from wirestat import analyze, compare

SECOND = 1_000_000_000
_ADDRESS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")


class Varied(Wire):
    """A capture whose conversations have other addresses and numbers."""

    def __init__(self, rename: Callable[[str], str], isn: int = 0) -> None:
        """Rename addresses, and begin counting ``isn`` further on."""
        super().__init__()
        self._rename, self._isn = rename, isn

    def talk(self, client: str, server: str, **changes: Any) -> Talk:
        """Begin a conversation between others."""
        talk = super().talk(_socket(client, self._rename), _socket(server, self._rename), **changes)
        for end in (talk.client, talk.server):
            end.isn = (end.isn + self._isn) % 2**32
        return talk


def _socket(socket: str, rename: Callable[[str], str]) -> str:
    address, _, port = socket.rpartition(":")
    new = rename(address) if _ADDRESS.fullmatch(address) else address
    return f"[{new}]:{port}" if ":" in new.strip("[]") else f"{new}:{port}"


def in_ipv6(address: str) -> str:
    """Return an IPv6 address in the place of an IPv4 address."""
    if address.startswith("127."):
        return "::1"
    return str(ipaddress.IPv6Address((0x2001_0DB8 << 96) + int(ipaddress.IPv4Address(address))))


def elsewhere(address: str) -> str:
    """Return another IPv4 address."""
    if address.startswith("127."):
        return address
    return str(ipaddress.IPv4Address((int(ipaddress.IPv4Address(address)) + (37 << 16)) % 2**32))


def _retold(story: Story, rename: Callable[[str], str], isn: int = 0) -> Taps:
    taps: Taps = {name: Varied(rename, isn) for name in story.taps}
    story.tell(taps)
    return taps


def _same(address: str) -> str:
    return address


def wrapping(story: Story) -> Taps:
    """Let sequence numbers wrap around early."""
    return _retold(story, _same, 2**32 - 40_000_000)


def beside_others(story: Story) -> Taps:
    """Capture healthy traffic of other hosts, before, meanwhile and after."""
    taps = story.captures()
    for wire in taps.values():
        times = [time for time, _, _ in wire.frames]
        first, last = ((time - BASE_NS) / SECOND for time in (min(times), max(times)))
        for number in range(12):
            at = first - 3 + (last - first + 6) * number / 11
            talk = wire.talk(f"10.250.1.{1 + number % 4}:{33_000 + number}", "10.250.9.9:8088", at=at)
            talk.play(GREETING).play("0.3 > P. 120\n0.32 < P. 900\n0.321 > .").play(FAREWELL, at=0.5)
    return taps


def twice(story: Story) -> Taps:
    """Have the same happen to other hosts as well, a few seconds later."""
    taps = story.captures()
    for name, others in _retold(story, elsewhere, isn=7_000_001).items():
        taps[name].frames += [(time + 7_700_000_000, length, data) for time, length, data in others.frames]
    return taps


def at_the_other_end(story: Story) -> Taps:
    """Move the tap towards the server, as far as causes stay before their effects."""
    taps = story.captures()
    for wire in taps.values():
        wire.frames[:] = _moved(wire.in_order())
    return taps


def _moved(frames: list[Frame]) -> list[Frame]:
    """Delay what the client sends, and hasten what the server sends, in each connection alike."""
    ends: dict[bytes, tuple[bytes, list[Frame]]] = {}
    by_pair: defaultdict[bytes, list[Frame]] = defaultdict(list)
    for frame in frames:
        source, destination = _ends(frame[2])
        ends.setdefault(min(source + destination, destination + source), (source, []))
        by_pair[min(source + destination, destination + source)].append(frame)
    moved = []
    for key, (client, _) in ends.items():
        gaps = [
            later[0] - sooner[0]
            for sooner, later in zip(by_pair[key], by_pair[key][1:], strict=False)
            if _ends(sooner[2])[0] == client != _ends(later[2])[0]
        ]
        shift = min([*gaps, 200_000_000]) * 45 // 100
        moved += [
            (time + (shift if _ends(data)[0] == client else -shift), length, data)
            for time, length, data in by_pair[key]
        ]
    return sorted(moved, key=lambda frame: frame[0])


def _ends(frame: bytes) -> tuple[bytes, bytes]:
    if frame[12:14] == b"\x86\xdd":
        ports = frame[54:58]
        return frame[22:38] + ports[:2], frame[38:54] + ports[2:]
    ports = frame[34:38] if frame[23] == 6 else b"\0\0\0\0"
    return frame[26:30] + ports[:2], frame[30:34] + ports[2:]


def begun_later(story: Story) -> Taps:
    """Begin the capture one frame later."""
    taps = story.captures()
    for wire in taps.values():
        wire.frames[:] = wire.in_order()[1:]
    return taps


def begun_in_the_midst(story: Story) -> Taps:
    """Begin the capture when all connections are open: nothing of their opening is in it."""
    taps = story.captures()
    for wire in taps.values():
        wire.frames[:] = [frame for frame in wire.in_order() if not _flags(frame[2]) & 0x02]
    return taps


def _flags(frame: bytes) -> int:
    at = 54 if frame[12:14] == b"\x86\xdd" else 34
    return frame[at + 13] if frame[at - 11 if at == 34 else 20] == 6 else 0


def in_a_vlan(story: Story) -> Taps:
    """Capture on a trunk, where each frame has a tag."""
    taps = story.captures()
    for wire in taps.values():
        in_vlan(wire, 7)
    return taps


def in_an_overlay(story: Story) -> Taps:
    """Capture where the frames of an overlay network travel inside of datagrams."""
    taps = story.captures()
    for wire in taps.values():
        in_vxlan(wire, 4096)
    return taps


def at_a_router(story: Story) -> Taps:
    """Capture on both interfaces of a router, into one file."""
    taps = story.captures()
    for wire in taps.values():
        on_both_sides(wire)
    return taps


def cut_short(story: Story) -> Taps:
    """Keep 128 bytes of each frame, as one does who asks for headers only."""
    taps = story.captures()
    for wire in taps.values():
        cut(wire, 128)
    return taps


VARIATIONS: dict[str, tuple[Callable[[Story], Taps], Callable[[str], str]]] = {
    "other addresses": (lambda story: _retold(story, elsewhere), elsewhere),
    "in IPv6": (lambda story: _retold(story, in_ipv6), in_ipv6),
    "numbers that wrap": (wrapping, _same),
    "beside others": (beside_others, _same),
    "twice": (twice, _same),
    "twice, the others": (twice, elsewhere),
    "at the other end": (at_the_other_end, _same),
    "begun later": (begun_later, _same),
    "begun in the midst": (begun_in_the_midst, _same),
    "in a VLAN": (in_a_vlan, _same),
    "in a VXLAN": (in_an_overlay, _same),
    "on both sides of a router": (at_a_router, _same),
    "cut to 128 bytes": (cut_short, _same),
}
"""How a story is told again, and how its addresses read then."""


def lost(story: Story, variation: str, folder: Path) -> dict[str, str]:
    """Return the expectations of a story that a variation fails to meet."""
    tell, rename = VARIATIONS[variation]
    taps = tell(story)
    paths = []
    for name in story.judged:
        path = folder / f"{name}.pcap"
        path.write_bytes(pcap(taps[name].in_order()))
        paths.append(path)
    report = analyze(paths[0]) if len(paths) == 1 else compare(*paths).report
    return failures_of(report, _renamed(story.expectations(), rename))


def _renamed(expected: Any, rename: Callable[[str], str]) -> Any:
    """Return expectations with other addresses in their words."""
    if isinstance(expected, dict):
        return {
            key: _bare(value, rename) if key == "client" else _renamed(value, rename)
            for key, value in expected.items()
        }
    if isinstance(expected, list | tuple):
        return [_renamed(value, rename) for value in expected]
    if isinstance(expected, str):
        return "|".join(_in_words(part, rename) for part in expected.split("|"))
    return expected


def _bare(socket: str, rename: Callable[[str], str]) -> str:
    """Return address and port with another address, as the matrix spells them: without brackets."""
    address, _, port = socket.rpartition(":")
    return f"{rename(address) if _ADDRESS.fullmatch(address) else address}:{port}"


def _in_words(words: str, rename: Callable[[str], str]) -> str:
    address = _ADDRESS.search(words)
    if address is None or rename is _same:
        return words
    new = rename(address.group())
    rest = words[address.end() :]
    if ":" in new and rest.startswith(":"):
        new = f"[{new}]"
    return words[: address.start()] + new + rest
