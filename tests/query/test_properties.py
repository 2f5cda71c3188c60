"""For any expression the core and the reference choose the same connections, on each of these captures."""

from functools import cache

import pytest
from hypothesis import given, strategies as st

import wirestat
from tests.query.told import told
from tests.quick import some_examples
from wirestat.errors import UsageError
from wirestat.model import State
from wirestat.query.reference import Subject, holds
from wirestat.report.build import Report
from wirestat.report.selection import Selection, asked

CAPTURES = [
    ["pcaps/random-loss-1/client.pcap"],
    ["pcaps/ipv6-normal-close/client.pcap", "pcaps/mid-stream/middle.pcap", "pcaps/syn-scan/middle.pcap"],
]

STATES = st.sampled_from([*(state.value for state in State), "synchronized", "Fin-Wait-2"])
SPANS = st.sampled_from(["1us", "5ms", "100ms", "1s", "11s", "60s", "1.5m"])
ENDS = st.sampled_from(["", "client.", "server."])
COMPARISONS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EQUALITIES = st.sampled_from(["==", "!="])
NUMBERS = st.sampled_from([0, 1, 2, 60, 100, 536, 1460, 8080, 40001, 65535])


def asks(*parts: str | st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    drawn = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*drawn).map(lambda found: "".join(map(str, found)))


TESTS = st.one_of(
    asks(ENDS, "state", EQUALITIES, STATES),
    asks(ENDS, "state in {", STATES, ", ", STATES, "}"),
    asks(ENDS, "first_state", EQUALITIES, STATES),
    asks(ENDS, "or_since", EQUALITIES, STATES),
    asks(ENDS, "for", COMPARISONS, SPANS),
    asks(ENDS, "evidence", EQUALITIES, st.sampled_from(["seen", "presumed", "implied", "timer"])),
    asks(ENDS, st.sampled_from(["confirmed", "evidence", "rtt", "mss", "bytes", "fact", "since", "isn"])),
    asks(
        ENDS,
        st.sampled_from(["port", "frames", "retransmitted", "out_of_order", "mss"]),
        COMPARISONS,
        NUMBERS,
    ),
    asks(
        ENDS,
        st.sampled_from(["window_scale", "ttl"]),
        COMPARISONS,
        NUMBERS.filter(lambda number: number < 256),
    ),
    asks(ENDS, st.sampled_from(["bytes", "unacknowledged", "window", "unseen"]), COMPARISONS, NUMBERS, "B"),
    asks(ENDS, "addr", EQUALITIES, st.sampled_from(["10.0.0.0/8", "10.57.92.1", "::/0", "fd00:dd13::2"])),
    asks(ENDS, "rtt", COMPARISONS, SPANS),
    asks(ENDS, "fact", EQUALITIES, st.sampled_from(["sent-data", "fin-resent", "syn-resent", "mid-stream"])),
    asks(ENDS, "transition(", st.just("*") | STATES, "->", st.just("*") | STATES, ")"),
    asks(st.sampled_from(["duration", "connect_time", "handshake_rtt"]), COMPARISONS, SPANS),
    asks("finding", EQUALITIES, st.sampled_from(["D10", "D14", "D16", "D02"])),
    asks("severity", COMPARISONS, st.sampled_from(["info", "note", "warning", "error"])),
    asks(st.sampled_from(["tunnel", "finding", "previous", "connect_time"])),
    asks("tunnel", EQUALITIES, "gre"),
)
EXPRESSIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        asks("(", inner, ")"),
        asks("not ", inner),
        asks("!(", inner, ")"),
        asks(inner, " && ", inner),
        asks(inner, " or ", inner),
        asks("(", inner, " || ", inner, ") and ", inner),
    ),
    max_leaves=8,
)


@cache
def report(place: int) -> Report:
    return wirestat.analyze(*CAPTURES[place])


@pytest.mark.parametrize("place", range(len(CAPTURES)))
@given(text=EXPRESSIONS)
@some_examples(150)
def test_the_core_agrees_with_the_reference(place: int, text: str) -> None:
    question = asked(text)
    wanted = [id for id, one in connections(place) if holds(question.tree, one)]
    assert list(Selection(report(place), question).ids) == wanted, text


@cache
def connections(place: int) -> list[tuple[int, Subject]]:
    return list(told(report(place)))


@given(text=st.text(max_size=40) | EXPRESSIONS.map(lambda text: text[:-3]))
@some_examples(300)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree, excerpt = asked(text).tree, None
    except UsageError as error:
        tree, excerpt = None, error.excerpt
    if tree is not None:
        assert [holds(tree, one) for _, one in connections(0)[:3]]
    else:
        assert excerpt
        shown, pointer = excerpt
        assert len(pointer.rstrip("~")) <= len(shown) + 1
