"""The lab's parts that need no root: frames, captures, trace lines, rules, and the assembly of the truth."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest

from tests.lab import matching, pcap
from tests.lab.frames import Address, Flag, Frame, checksum, icmp_unreachable, parse, tcp
from tests.lab.lives import TruthError
from tests.lab.scenario import load_all, unexpected
from tests.lab.sockdiag import Dump, Entry, Sighting
from tests.lab.tracepoint import KernelEvent, filter_of, parse_line
from tests.lab.truth import Evidence, assemble, check, connections
from tests.lab.wire import TOWARD_CLIENT, TOWARD_SERVER, Crossing, Journal, Rule

CLIENT = Address(b"\x02\0\0\0\0\1", "10.0.0.1", 40001)
SERVER = Address(b"\x02\0\0\0\0\2", "10.0.0.2", 8080)
CLIENT6 = Address(b"\x02\0\0\0\0\1", "fd00::1", 40001)
SERVER6 = Address(b"\x02\0\0\0\0\2", "fd00::2", 8080)
CLIENT_END, SERVER_END = (CLIENT.ip, CLIENT.port), (SERVER.ip, SERVER.port)
MS = 1_000_000


def segment(source: Address, flags: Flag, seq: int, ack: int = 0, payload: bytes = b"") -> Frame:
    destination = SERVER if source is CLIENT else CLIENT
    return parse(tcp(source, destination, flags=flags, seq=seq, ack=ack, payload=payload))


@pytest.mark.parametrize(("source", "destination"), [(CLIENT, SERVER), (CLIENT6, SERVER6)])
def test_a_forged_segment_reads_back(source: Address, destination: Address) -> None:
    raw = tcp(source, destination, flags=Flag.FIN | Flag.ACK, seq=2**32 - 2, ack=7, window=9, payload=b"abc")
    frame = parse(raw)
    assert (frame.source, frame.source_port) == (source.ip, source.port)
    assert (frame.seq, frame.ack, frame.window, frame.length) == (2**32 - 2, 7, 9, 3)
    assert frame.next_seq == 2
    assert frame.flag_letters == "F."


def test_forged_headers_have_right_checksums() -> None:
    raw = tcp(CLIENT, SERVER, flags=Flag.SYN, seq=1, payload=b"x")
    assert checksum(raw[14:34]) == 0
    pseudo_header = raw[26:34] + bytes([0, 6]) + (len(raw) - 34).to_bytes(2, "big")
    assert checksum(pseudo_header + raw[34:]) == 0


def test_icmp_goes_back_to_the_sender_and_quotes_its_segment() -> None:
    syn = segment(CLIENT, Flag.SYN, 1)
    raw = icmp_unreachable(syn, code=1, reporter="10.0.0.254")
    report = parse(raw)
    assert (report.source, report.destination, report.protocol) == ("10.0.0.254", CLIENT.ip, 1)
    assert raw[0:6] == CLIENT.mac
    assert raw[34:36] == bytes([3, 1])
    assert raw[42:] == syn.raw[14:]


@pytest.mark.parametrize("raw", [b"", b"\0" * 13, b"\0" * 14, b"\0" * 12 + b"\x08\x00" + b"\x45" * 10])
def test_a_packet_without_tcp_stays_raw_bytes(raw: bytes) -> None:
    frame = parse(raw)
    assert not frame.is_tcp
    matchers = (matching.syn, matching.fin, matching.rst, matching.data, matching.bare_ack)
    assert not any(match(frame) for match in matchers)


def test_a_capture_reads_back_in_order_of_time(tmp_path: Path) -> None:
    pcap.write(
        tmp_path / "x.pcap", [(1_700_000_000_123_456_789, b"later"), (1_700_000_000_000_000_001, b"first")]
    )
    assert pcap.read(tmp_path / "x.pcap") == [
        (1_700_000_000_000_000_001, b"first"),
        (1_700_000_000_123_456_789, b"later"),
    ]


def test_trace_lines_become_events() -> None:
    line = (
        "  python-77 [001] ..s2.  12.345678: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=40001 "
        "dport=8080 saddr=10.0.0.1 daddr=10.0.0.2 saddrv6=::ffff:10.0.0.1 daddrv6=::ffff:10.0.0.2 "
        "oldstate=TCP_SYN_SENT newstate=TCP_ESTABLISHED"
    )
    event = parse_line(line, offset_ns=5)
    assert event is not None
    assert event.time_ns == 12_345_678_005
    assert (event.source, event.source_port, event.destination_port) == ("10.0.0.1", 40001, 8080)
    line = "  <idle>-0 [000] ..s3. 1.000002: tcp_send_reset: src=[fd00::1]:80 dest=[fd00::2]:9 state=UNKNOWN"
    reset = parse_line(line, 0)
    assert reset is not None
    assert (reset.source, reset.source_port) == ("fd00::1", 80)
    assert parse_line("# tracer: nop", 0) is None


def test_only_the_machines_of_the_lab_are_traced() -> None:
    numbers = [int.from_bytes(bytes(each), sys.byteorder) for each in ((10, 1, 2, 1), (10, 1, 2, 130))]
    assert filter_of(["10.1.2.1", "10.1.2.130"]) == f"saddr == {numbers[0]} || saddr == {numbers[1]}"
    assert filter_of(["fd00::1", "fd00::2"]) == "family == 10"


def test_rules_skip_count_and_look_at_the_direction() -> None:
    rule = Rule("drop", matching.fin, TOWARD_SERVER, "server-side", skip=1, times=1)
    fin = segment(CLIENT, Flag.FIN | Flag.ACK, 1)
    assert not rule.applies(fin, TOWARD_CLIENT, "server-side")
    assert not rule.applies(fin, TOWARD_SERVER, "client-side")
    assert [rule.applies(fin, TOWARD_SERVER, "server-side") for _ in range(3)] == [False, True, False]


def test_matchers_tell_the_packets_of_a_handshake_apart() -> None:
    syn = segment(CLIENT, Flag.SYN, 1)
    syn_ack = segment(SERVER, Flag.SYN | Flag.ACK, 9, 2)
    ack = segment(CLIENT, Flag.ACK, 2, 10)
    matchers = (matching.syn, matching.syn_ack, matching.bare_ack)
    rows = [[match(frame) for match in matchers] for frame in (syn, syn_ack, ack)]
    assert rows == [[True, False, False], [False, True, False], [False, False, True]]


# The truth: a client that closes first, put together from what each witness of a real run says.

FRAMES = (
    (0, CLIENT, Flag.SYN, 100, 0),
    (5, SERVER, Flag.SYN | Flag.ACK, 300, 101),
    (20, CLIENT, Flag.ACK, 101, 301),
    (100, CLIENT, Flag.FIN | Flag.ACK, 101, 301),
    (110, SERVER, Flag.ACK, 301, 102),
    (200, SERVER, Flag.FIN | Flag.ACK, 301, 102),
    (210, CLIENT, Flag.ACK, 102, 302),
)
"""Each segment: the ms at which it is sent, sender, flags, seq, ack. Each takes 4 ms to arrive."""
TRIP = 4 * MS


def crossings(frames: Iterable[tuple[int, Address, Flag, int, int]] = FRAMES) -> list[Crossing]:
    found = []
    for time_ms, sender, flags, seq, ack in frames:
        frame = segment(sender, flags, seq, ack)
        sides = ("client", "server") if sender is CLIENT else ("server", "client")
        found.append(Crossing(time_ms * MS, sides[0], "out", frame))
        found.append(Crossing(time_ms * MS + TRIP, sides[1], "in", frame))
    return found


def event(time_ns: int, host: str, before: str, after: str) -> KernelEvent:
    ends = (CLIENT_END, SERVER_END) if host == "client" else (SERVER_END, CLIENT_END)
    (source, source_port), (destination, port) = ends
    states = {"oldstate": f"TCP_{before}", "newstate": f"TCP_{after}"}
    return KernelEvent(time_ns, "inet_sock_set_state", source, source_port, destination, port, states)


def events() -> list[KernelEvent]:
    return [
        event(0, "client", "CLOSE", "SYN_SENT"),
        event(9 * MS + 1, "client", "SYN_SENT", "ESTABLISHED"),
        event(24 * MS + 1, "server", "LISTEN", "SYN_RECV"),
        event(24 * MS + 2, "server", "SYN_RECV", "ESTABLISHED"),
        event(100 * MS - 1, "client", "ESTABLISHED", "FIN_WAIT1"),
        event(104 * MS + 1, "server", "ESTABLISHED", "CLOSE_WAIT"),
        event(114 * MS + 1, "client", "FIN_WAIT1", "FIN_WAIT2"),
        event(114 * MS + 2, "client", "FIN_WAIT2", "CLOSE"),
        event(200 * MS - 1, "server", "CLOSE_WAIT", "LAST_ACK"),
        event(214 * MS + 1, "server", "LAST_ACK", "CLOSE"),
    ]


def poll(time_ms: int) -> tuple[int, int]:
    return time_ms * MS, time_ms * MS + 1000


def sighting(state: str, host: str, first_ms: int, last_ms: int | None) -> Sighting:
    local, remote = (CLIENT_END, SERVER_END) if host == "client" else (SERVER_END, CLIENT_END)
    return Sighting(
        Entry(state, local, remote, host.encode(), small=True),
        before=poll(first_ms - 4),
        first=poll(first_ms),
        last=poll(last_ms or 400),
        after=poll(last_ms + 4) if last_ms else None,
    )


def evidence(**changes: object) -> Evidence:
    time_wait = Entry("TIME_WAIT", CLIENT_END, SERVER_END, b"client", small=True)
    told = {
        "client_address": CLIENT.ip,
        "server_address": SERVER.ip,
        "journal": Journal(crossings=crossings()),
        "events": events(),
        "sightings": {
            "client": [sighting("FIN_WAIT2", "client", 117, 201), sighting("TIME_WAIT", "client", 205, None)],
            "server": [sighting("SYN_RECV", "server", 7, 23)],
        },
        "final_dumps": {"client": Dump(400 * MS, 401 * MS, [time_wait]), "server": Dump(400 * MS, 401 * MS)},
        "end_ns": 400 * MS,
    }
    return Evidence(**(told | changes))  # type: ignore[arg-type]  # their types are the test's own affair


def path(told: Evidence, endpoint: str) -> list[tuple[str, int, str]]:
    (only,) = connections(told)
    return [(t.after, t.time_ns, t.source) for t in only.transitions(endpoint)]


def described_connections(told: Evidence) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", assemble(told, connections(told))["connections"])


def test_a_request_socket_is_born_when_the_syn_arrives() -> None:
    assert path(evidence(), "server")[:2] == [
        ("SYN_RECV", TRIP, "capture"),
        ("ESTABLISHED", 24 * MS + 2, "tracepoint"),
    ]


def test_a_fast_handshake_that_no_poll_saw_is_told_by_its_frames() -> None:
    told = evidence()
    told.sightings["server"].clear()
    assert path(told, "server")[0] == ("SYN_RECV", TRIP, "capture")
    told.cookies_used = True
    assert path(told, "server")[0] == ("SYN_RECV", 24 * MS + 1, "tracepoint")


def test_an_orphan_stays_in_fin_wait2_until_the_fin_arrives() -> None:
    assert path(evidence(), "client")[2:] == [
        ("FIN_WAIT1", 100 * MS - 1, "tracepoint"),
        ("FIN_WAIT2", 114 * MS + 1, "tracepoint"),
        ("TIME_WAIT", 204 * MS, "capture"),
    ]


def test_an_orphan_whose_fin_wait2_no_poll_saw_is_told_by_the_fin() -> None:
    told = evidence()
    told.sightings["client"] = [sighting("TIME_WAIT", "client", 205, None)]
    assert path(told, "client")[-1] == ("TIME_WAIT", 204 * MS, "capture")


def test_time_wait_that_disappears_without_a_segment_lies_between_two_polls_and_is_unknowable() -> None:
    told = evidence()
    told.sightings["client"][1] = sighting("TIME_WAIT", "client", 205, 300)
    assert path(told, "client")[-1] == ("CLOSED", 302 * MS + 500, "inet_diag")
    (described,) = described_connections(told)
    assert described["final"] == {"client": "CLOSED", "server": "CLOSED"}
    assert [(each["endpoint"], each["state"]) for each in described["unknowable"]] == [("client", "CLOSED")]


def test_a_time_wait_that_no_poll_saw_is_told_by_its_acknowledgement() -> None:
    told = evidence()
    told.sightings["client"].clear()
    told.events[7] = event(204 * MS + 1, "client", "FIN_WAIT2", "CLOSE")
    told.events.sort(key=lambda each: each.time_ns)
    told.journal.crossings = crossings(
        (*FRAMES[:-1], (205, CLIENT, Flag.ACK, 102, 302), (206, SERVER, Flag.RST | Flag.ACK, 302, 102))
    )
    assert path(told, "client")[4:] == [
        ("TIME_WAIT", 204 * MS + 1, "tracepoint"),
        ("CLOSED", 210 * MS, "capture"),
    ]
    told.journal.crossings = crossings(FRAMES[:-1])
    assert path(told, "client")[4:] == [("CLOSED", 204 * MS + 1, "tracepoint")]


def test_a_time_wait_that_no_poll_saw_behind_an_orphans_fin_wait2_is_told_likewise() -> None:
    told = evidence()
    told.sightings["client"] = [sighting("FIN_WAIT2", "client", 117, 203)]
    told.journal.crossings = crossings(
        (*FRAMES[:-1], (205, CLIENT, Flag.ACK, 102, 302), (201, SERVER, Flag.RST | Flag.ACK, 302, 102))
    )
    assert path(told, "client")[4:] == [("TIME_WAIT", 204 * MS, "capture"), ("CLOSED", 205 * MS, "capture")]
    told.journal.crossings = [c for c in told.journal.crossings if c.frame.ack != 302]
    assert path(told, "client")[4:] == [("CLOSED", 205 * MS, "capture")]


def test_a_fin_that_waits_until_the_other_ends_has_come_is_unknowable_till_it_is_sent() -> None:
    told = evidence()
    told.sightings["client"].clear()
    told.events = [e for e in told.events if e.time_ns < 100 * MS - 1]
    told.events.append(event(197 * MS, "client", "ESTABLISHED", "FIN_WAIT1"))
    told.journal.crossings = [c for c in crossings() if c.frame.flags & Flag.SYN or c.time_ns > 195 * MS]
    told.journal.crossings.append(Crossing(200 * MS, "client", "out", segment(CLIENT, Flag.FIN, 101, 301)))
    assert described_connections(told)[0]["unknowable"] == []
    told.events.append(event(198 * MS, "client", "FIN_WAIT1", "CLOSING"))
    (waits,) = described_connections(told)[0]["unknowable"]
    assert (waits["state"], waits["until_time_ns"]) == ("FIN_WAIT1", 200 * MS)


def test_a_fin_that_leaves_just_after_the_other_ends_has_come_waited_for_it() -> None:
    told = evidence()
    told.sightings["client"].clear()
    told.events = [e for e in told.events if e.time_ns < 100 * MS - 1]
    told.events.append(event(203 * MS, "client", "ESTABLISHED", "FIN_WAIT1"))
    told.events.append(event(204 * MS, "client", "FIN_WAIT1", "CLOSING"))
    told.journal.crossings = [c for c in crossings() if c.frame.flags & Flag.SYN or c.time_ns > 195 * MS]
    crosses, follows = segment(CLIENT, Flag.FIN, 101, 301), segment(CLIENT, Flag.FIN, 101, 302)
    told.journal.crossings.append(Crossing(204 * MS + 1, "client", "out", crosses))
    assert described_connections(told)[0]["unknowable"] == []
    told.journal.crossings[-1] = Crossing(204 * MS + 1, "client", "out", follows)
    (waits,) = described_connections(told)[0]["unknowable"]
    assert (waits["state"], waits["until_time_ns"]) == ("FIN_WAIT1", 204 * MS + 1)


def test_a_connect_that_the_kernel_refuses_at_once_is_no_connection() -> None:
    told = evidence()
    told.events[2:2] = [
        event(10 * MS, "client", "CLOSE", "SYN_SENT"),  # the port's connection lives
        event(10 * MS + 1, "client", "SYN_SENT", "CLOSE"),
    ]
    assert path(told, "client") == path(evidence(), "client")
    told.events += [
        event(300 * MS, "client", "CLOSE", "SYN_SENT"),
        event(301 * MS, "client", "SYN_SENT", "CLOSE"),
    ]
    assert path(told, "client") == path(evidence(), "client")
    told.journal.crossings += crossings([(300, CLIENT, Flag.SYN, 900, 0)])
    assert len(connections(told)) == 2


def test_a_server_that_connects_itself_meets_the_attempt_that_is_under_way() -> None:
    first = [event(0, "client", "CLOSE", "SYN_SENT"), event(9 * MS, "client", "SYN_SENT", "CLOSE")]
    second = [event(20 * MS, "client", "CLOSE", "SYN_SENT"), event(21 * MS, "client", "SYN_SENT", "SYN_RECV")]
    syns = crossings([(0, CLIENT, Flag.SYN, 100, 0), (20, CLIENT, Flag.SYN, 900, 0)])

    def incarnations(connects_ms: int) -> list[list[int]]:
        told = evidence(journal=Journal(crossings=syns), sightings={}, final_dumps={})
        told.events = [*first, *second, event(connects_ms * MS, "server", "CLOSE", "SYN_SENT")]
        told.events.sort(key=lambda each: each.time_ns)
        return [[len(each.lives["client"]), len(each.lives["server"])] for each in connections(told)]

    assert incarnations(5) == [[1, 1], [1, 0]]
    assert incarnations(15) == [[1, 0], [1, 1]]
    assert incarnations(22) == [[1, 0], [1, 1]]


def test_the_truth_is_checked_against_the_last_dump() -> None:
    assert check(connections(evidence()), evidence()) == []
    contradicted = evidence(
        final_dumps={"client": Dump(400 * MS, 401 * MS), "server": Dump(400 * MS, 401 * MS)}
    )
    (problem,) = check(connections(contradicted), contradicted)
    assert "inet_diag shows None, the truth says TIME_WAIT" in problem


def test_a_child_whose_birth_the_trace_tells_without_its_peer_is_born_all_the_same() -> None:
    told = evidence(events=[each for each in events() if each.fields["newstate"] != "TCP_SYN_RECV"])
    assert path(told, "server") == path(evidence(), "server")


def test_a_hole_in_the_trace_is_an_error() -> None:
    told = evidence(events=[each for each in events() if each.fields["newstate"] != "TCP_FIN_WAIT1"])
    with pytest.raises(TruthError):
        connections(told)


def test_a_syn_that_nobody_has_a_socket_for_is_a_connection_too() -> None:
    syn = parse(tcp(Address(CLIENT.mac, "192.0.2.1", 5), SERVER, flags=Flag.SYN, seq=1))
    stray = Crossing(50 * MS, "server", "in", syn)
    told = evidence(journal=Journal(crossings=[*crossings(), stray]))
    assert [each.get("forged_client", False) for each in described_connections(told)] == [False, True]


def test_promised_paths_are_compared_connection_by_connection() -> None:
    assert unexpected("SYN_SENT CLOSED / ", [["SYN_SENT", "CLOSED"], []], "client") == []
    assert unexpected("SYN_SENT", [["SYN_SENT", "CLOSED"]], "client")
    assert unexpected(None, [["anything"]], "client") == []


def test_every_scenario_is_in_the_lab_s_readme() -> None:
    text = (Path(__file__).parent / "lab" / "README.md").read_text()
    scenarios = load_all()
    assert len(scenarios) >= 50
    for each in scenarios.values():
        assert f"| {each.name} | {each.description} | {' '.join(each.diagnoses)} |" in text
