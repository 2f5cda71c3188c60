"""Filter expressions let pass what tcpdump lets pass, frame by frame, over every capture there is."""

import shutil
import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.quick import sample, some_quick
from wirestat import _core
from wirestat.capture import filters, libpcap
from wirestat.errors import UsageError
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made

PCAPS = Path(__file__).parents[2] / "pcaps"
RECORD = struct.Struct("<IIII")
HEADER = struct.Struct("<IHHiIII")
LINKS = {"ethernet": 1, "null": 0, "raw": 101, "sll": 113, "ipv4": 228, "sll2": 276}
BEFORE = {
    "null": b"\2\0\0\0",
    "raw": b"",
    "sll": bytes.fromhex("00000001000602000000000100000800"),
    "ipv4": b"",
    "sll2": bytes.fromhex("0800000000000002000100060200000000010000"),
}
"""The header in front of a packet of IPv4, by link type."""

EXPRESSIONS = (
    """
tcp
udp
icmp
icmp6
arp
ip
ip6
not ip
tcp or udp
ip and not tcp
port 80
tcp port 8080
udp port 53
src port 40000
dst port 8080
tcp src port 8080
tcp dst port 80 or 8080
tcp dst port (80 or 8080)
src or dst port 40001
src and dst port 80
portrange 40000-40001
tcp dst portrange 1-1023
not port 8080
host 10.0.0.1
src host 10.0.0.1
dst host 10.0.0.2
host 10.0.0.1 and 10.0.0.2
src 10.0.0.1 and not dst 10.0.0.1
ip host 10.0.0.1
arp host 10.0.0.1
net 10
net 10.0
net 0
net 0.0
net 0.10
net 192.0.2
dst net 10.0.0.2
net 10.0.0.0/8
src net 10.0.0.0 mask 255.0.0.0
dst net 10.0.0.0/31
host 2001:db8::1
src host 2001:db8::1
net 2001:db8::/32
ip6 net fe80::/10
ip6 host 2001:db8::2 and tcp
ip proto 6
ip proto \\tcp or ip6 proto \\udp
proto 17
proto \\icmp
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
tcp[tcpflags] & tcp-syn != 0 and tcp[tcpflags] & tcp-ack == 0
tcp[13] == 18
tcp[13] & 4 != 0
tcp[0:2] = 40000
tcp[14:2] < 1000
tcp[4:4] > tcp[8:4]
tcp[(tcp[12] >> 4) * 4] != 0
ip[8] < 64
ip[6:2] & 0x1fff = 0
ip[ip[0] & 0xf] = 0
ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0
ip[2:2] % 7 = 3 or ip[4:2] ^ 255 > 30000
icmp[icmptype] = icmp-unreach
icmp6[icmp6type] = icmp6-echo
udp[4:2] > 100 and len < 200
10 % 3 * 2 = 4 and tcp
tcp[0] ^ ether[0] & 7 | 4 = ip[8] % 5 + 2
ip[8] | 6 & ip[1] ^ 7 << 1 > 60
-ip[8] ^ 1 + len - 3 & ip[3] < 9
1 | 2 & 4 = 1 and udp
(1 - tcp[0] & ip[9:1] ^ tcp[10:4] >= 255) or udp port 53
less 60
greater 100
len >= 74 and len <= 80
-len + 100 > 0x7fffffff
vlan
vlan 5
vlan 5 and tcp
vlan and vlan and tcp port 80
not vlan
broadcast
ether multicast
ip multicast
ip6 multicast
ether host 02:00:00:00:00:01
ether src 2:0:0:0:0:2
ether proto 0x0800
ether proto \\ip6
ether[12:2] = 0x8100
ether[0] & 1 = 0
(tcp and port 80) or (udp and port 53) and greater 60
!tcp && !udp || icmp
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)
ONLY_ETHERNET = ("vlan", "broadcast", "multicast", "ether")


def no_service(name: str) -> int:
    raise OSError(name)


def frames_of_ethernet() -> Iterator[bytes]:
    for path in sorted(PCAPS.glob("*/*.pcap")):
        data = path.read_bytes()
        if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") or data[20:24] != b"\1\0\0\0":
            continue
        at = 24
        while at + 16 <= len(data):
            length = RECORD.unpack_from(data, at)[2]
            yield data[at + 16 : at + 16 + length]
            at += 16 + length
    for frames in made.ETHERNET.values():
        yield from frames()
    yield from (made.ethernet(packet, (5, 6)) for packet in made.conversation(made.A6, made.B6))


@cache
def frames(link: str) -> list[bytes]:
    if link == "ethernet":
        return list(frames_of_ethernet())
    behind = [frame[14:] for frame in frames("ethernet") if frame[12:14] == b"\x08\0"]
    return [BEFORE[link] + packet for packet in behind[::7]]


def taken_here(program: filters.Program, link: str) -> list[int]:
    """Return the numbers of the frames that a program lets pass; each is fed alone, so that the count tells."""
    tracker = Tracker(LINUX)
    tracker.core.filter(lambda _: program)
    taken = []
    for number, frame in enumerate(frames(link)):
        before = tracker.core.intake().frames
        tracker.feed(LINKS[link], [(number, len(frame), frame)])
        if tracker.core.intake().frames > before:
            taken.append(number)
    return taken


def taken_by_tcpdump(expression: str, link: str, directory: Path) -> list[int]:
    path = directory / f"{link}.pcap"
    if not path.exists():
        records = (
            RECORD.pack(number, 0, len(frame), len(frame)) + frame
            for number, frame in enumerate(frames(link))
        )
        head = HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, 262_144, LINKS[link])
        path.write_bytes(head + b"".join(records))
    done = subprocess.run(["tcpdump", "-r", str(path), "-w", "-", "--", expression], capture_output=True)
    passed = done.stdout
    if done.returncode != 0:
        assert b"rejects all packets" in done.stderr, done.stderr
        return []
    taken, at = [], 24
    while at < len(passed):
        number, _, length, _ = RECORD.unpack_from(passed, at)
        taken.append(number)
        at += 16 + length
    return taken


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filters")


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is not installed")
@pytest.mark.parametrize("link", some_quick(list(LINKS), each=3))
@pytest.mark.slow
def test_the_same_frames_pass(link: str, directory: Path) -> None:
    differing = {}
    passing = 0
    tried = sample(EXPRESSIONS, each=4)
    for expression in tried:
        if link != "ethernet" and any(word in expression for word in ONLY_ETHERNET):
            continue
        program = _core.compile_filter(expression, LINKS[link], 262_144, no_service)
        here, there = taken_here(program, link), taken_by_tcpdump(expression, link, directory)
        passing += bool(there) and len(there) < len(frames(link))
        if here != there:
            differing[expression] = (len(here), len(there), sorted(set(here) ^ set(there))[:5])
    assert not differing
    assert passing > len(tried) // 4, "hardly an expression tells frames apart: this shows little"


def skip_without_libpcap() -> None:
    try:
        libpcap.compiled("tcp", 1, 96)
    except libpcap.Refused:
        pytest.skip("there is no libpcap")


def test_an_expression_that_libpcap_refuses_is_reported_with_its_reason() -> None:
    skip_without_libpcap()
    with pytest.raises(UsageError) as refused:
        filters.compiled("ip broadcast")
    assert "netmask not known" in (refused.value.hint or "")
    with pytest.raises(UsageError) as refused:
        filters.compiled("tcp porty 3")
    assert "libpcap" not in (refused.value.hint or "")


def test_inbound_is_refused_for_link_types_without_a_direction() -> None:
    """libpcap compiles ``inbound`` for the kernel, which knows the direction; in the core nothing would pass."""
    skip_without_libpcap()
    assert filters.compiled("inbound")
    with pytest.raises(UsageError, match="link type ETHERNET does not say 'inbound'"):
        filters.by_link_type("inbound")(1)
    assert filters.by_link_type("inbound")(113)  # the header of a cooked capture has the direction


def test_libpcap_compiles_words_that_the_core_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without_libpcap()
    assert filters.compiled("mpls 1000", snaplen=96)[-1][3] in (0, 96)
    monkeypatch.setattr(libpcap, "_NAMES", ())
    libpcap._library.cache_clear()
    with pytest.raises(UsageError, match="'mpls' is not known here"):
        filters.compiled("mpls 1000")
    libpcap._library.cache_clear()
