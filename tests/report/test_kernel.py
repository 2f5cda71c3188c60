"""The kernel's record, in words and in JSON."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.diagnosis.kernels import LEAK, beside, connections, socket_of, stranger
from tests.report.test_contract import shipped
from wirestat.beside import Beside, Difference
from wirestat.model import Connection, Side, State
from wirestat.names import Dialect
from wirestat.report import json as document, kernel, ladder, ndjson, sockets
from wirestat.report.build import Report, build
from wirestat.report.layout import View
from wirestat.testimony import Timer
from wirestat.timers import LINUX
from wirestat.tracked import Tracked

SECOND = 10**9
Scene = tuple[Beside, Report, Connection]


@pytest.fixture
def scene() -> Scene:
    """A connection whose server's end is a socket, beside a socket of which nothing was captured."""
    source, tracker, (one, *_) = connections(LEAK)
    unknown = stranger(
        State.ESTABLISHED, timer=Timer.RETRANSMISSION, due_ns=2 * SECOND, retransmits=3, queue=70
    )
    made = beside(tracker, socket_of(one, Side.SERVER, State.CLOSE_WAIT, queue=(2, 0)), unknown)
    return made, build(Tracked(source, tracker, LINUX, "all", beside=made)), one


@pytest.mark.parametrize(
    ("timer", "due_ns", "words"),
    [
        (Timer.NOTHING, 0, ""),
        (Timer.KEEPALIVE, 7_200 * SECOND, "keepalive in 2 h"),
        (Timer.TIME_WAIT, 45 * SECOND, "let go in 45 s"),
        (Timer.PROBE, 0, "window probe now"),
        (9, SECOND, ""),
    ],
)
def test_a_timer_is_shown_with_its_time(timer: int, due_ns: int, words: str) -> None:
    assert sockets.timer(stranger(State.ESTABLISHED, timer=timer, due_ns=due_ns), 0) == words


@pytest.mark.parametrize("width", [60, 80, 160])
def test_connections_of_the_kernel_alone_are_listed_within_the_width(scene: Scene, width: int) -> None:
    lines = list(kernel.older(scene[0], View(width=width)))
    assert lines[0] == "1 connection that only the kernel tells of"
    assert max(map(len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    assert "192.0.2.1:5432 192.0.2.9:40000 ESTABLISHED" in told
    assert "kernel; 12/nginx; sends again in 2 s, 3 times so far" in told
    assert ("0 70 kernel" if width > 80 else "0 B unread, 70 B unacked") in told


def test_the_ladder_says_what_the_kernel_knows_of_an_end(scene: Scene) -> None:
    made, report, one = scene
    shown = "\n".join(ladder.render(report, one, View(beside=made)))
    assert "kernel, server: CLOSE_WAIT for 0 s; 2 B to be read, 0 B not acknowledged; 12/nginx" in shown
    assert "kernel, client" not in shown


def test_json_carries_the_kernels_record(scene: Scene) -> None:
    made, report, one = scene
    for everything, wanted in ((False, [one.id]), (True, [one.id, None])):
        view = View(beside=made, everything=everything)
        whole = json.loads(b"".join(document.render(report, view)))
        jsonschema.validate(whole, shipped())
        assert [socket["connection"] for socket in whole["kernel"]["sockets"]] == wanted
        (*_, last) = b"".join(ndjson.render(report, view, lists=False)).splitlines()
        assert json.loads(last) == {"type": "kernel", **whole["kernel"]}
    known, unknown = whole["kernel"]["sockets"]
    assert (known["side"], known["state"], known["recv_q"]) == ("server", "CLOSE_WAIT", 2)
    assert known["process"] == {"pid": 12, "program": "nginx", "user": "www", "unit": "nginx.service"}
    assert (unknown["timer"], unknown["due_ns"], unknown["retransmits"]) == ("retransmission", 2 * SECOND, 3)
    assert "kernel" not in json.loads(b"".join(document.render(report, View())))


@pytest.mark.parametrize(
    ("wire", "kernel_has", "words"),
    [
        (State.CLOSED, State.ESTABLISHED, "half-open"),
        (State.ESTABLISHED, State.SYN_RECV, "the third ACK was captured and not accepted"),
        (State.SYN_RECV, None, "SYN cookies"),
        (State.SYN_SENT, None, "given up"),
        (State.TIME_WAIT, None, "let go before its time"),
        (State.CLOSE_WAIT, State.ESTABLISHED, "look at this host's firewall"),
        (State.LAST_ACK, None, "orphaned and timed out"),
        (State.ESTABLISHED, None, "the socket is gone without a packet"),
        (State.ESTABLISHED, State.CLOSE_WAIT, "dropped between the tap and the socket"),
    ],
)
def test_a_difference_is_explained_when_it_begins_and_reported_when_it_ends(
    scene: Scene, wire: State, kernel_has: State | None, words: str
) -> None:
    made, _, one = scene
    news = kernel.Disagreements(made, Dialect.LINUX)
    made._differences[one.id, Side.SERVER] = Difference(one.id, Side.SERVER, wire, kernel_has, 0, looks=2)
    (opened,) = news.news(SECOND)
    assert (opened.change, opened.socket) == ("opened", f"{one.server.address}:{one.server.port}")
    assert words in opened.explanation
    assert list(news.news(2 * SECOND)) == []
    made._differences.clear()
    (closed,) = news.news(3 * SECOND)
    assert (closed.change, closed.time_ns, closed.difference) == ("closed", 3 * SECOND, opened.difference)


def test_states_are_spelled_as_asked(scene: Scene) -> None:
    (line,) = sockets.ends(scene[0], scene[2], Dialect.RFC)
    assert line.startswith("kernel, server: CLOSE-WAIT for ")
