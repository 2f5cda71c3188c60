"""Wire scripts: their meaning, and how they are written.

A file holds scripts, separated by blank lines. A script begins with a comment: its first line is the title, the rest
says why. A paragraph of comments alone is prose. ::

    # RFC 9293 Figure 12: normal close
    open A 100 B 300
    0.000  A > B  F.  100:100(0) ack 300   A FIN_WAIT1  B CLOSE_WAIT
    0.010  B > A  .   300:300(0) ack 101   A FIN_WAIT2
    0.020  B > A  F.  300:300(0) ack 101   A TIME_WAIT  B LAST_ACK
    0.021  A > B  .   101:101(0) ack 301                B CLOSED

``open A 100 B 300`` puts a handshake with A as the client before the first line, so that A's next octet is 100 and
B's is 300. ``A port 50000`` gives an end another port than 40000 and 80. ``A is B`` makes both ends one socket, which
is connected to itself. ``numbers as written`` keeps variants from moving the sequence numbers, and
``over IPv4`` from leaving IPv4.

A line is a time in seconds, a segment as tcpdump prints it, and what is true afterwards. The flags are tcpdump's:
``S`` ``S.`` ``.`` ``P.`` ``F.`` ``R`` ``R.``; ``100`` is short for ``100:100(0)``. After the flags may follow
``win 0`` (a reset has none unless it says so), ``ttl 250``, ``id 0`` (IPv4 identification), ``label 0`` (IPv6 flow
label) and options, ``<mss 1460,wscale 7,TS 1000 900,fast_open c0ffee,sack 1:2>``.

``lost``
    The segment reached the tap, but not its receiver.
``badsum``
    The TCP checksum is wrong. All other checksums are right.
``badhead``
    The checksum of the IPv4 header is wrong; over IPv6, the TCP checksum.
``disputed``
    The segment came in IP fragments that overlap and differ.
``unseen``
    The segment was never captured.
``copy``
    In place of a segment: the capture holds the last one once more.
``wait``
    In place of a segment: time passes.
``icmp host-unreachable > A``
    In place of a segment: an ICMP error that quotes the last segment of A reaches it.

What is true afterwards:

``A FIN_WAIT1``
    The state of an end. An end that is not named keeps its state. A mark says how it is known: ``!`` seen,
    ``?`` presumed, ``+`` presumed and confirmed since, ``~`` implied, ``@`` timer.
    ``A FIN_WAIT2|CLOSED``: another state fits as well; ``A FIN_WAIT2|-``: none does. ``A CLOSED|LAST_ACK|TIME_WAIT``:
    two others do, the likelier first; ``A CLOSED|LAST_ACK,TIME_WAIT``: in any order.
    ``old B CLOSED``: the end in the connection before.
``retracts ESTABLISHED``
    After a state: the line disproves that the end had entered these states, joined by commas, in any order. A line
    without ``retracts`` disproves nothing.
``fact fin-resent``
    The line shows a fact that was not known before; ``fact B:refused`` names the end. ``nofact`` denies it for good.
``new``
    The line begins a new connection; from now on the states are those of its ends. Without ``new`` only the first
    line begins one.
``client A``
    A is known to be the client.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ENDS = ("A", "B")
MARKS = {"!": "seen", "?": "presumed", "+": "confirmed", "~": "implied", "@": "timer"}


class Mistake(Exception):
    """A script that cannot be read."""


@dataclass(slots=True)
class Sent:
    """One segment, as written."""

    sender: str
    flags: str
    seq: int
    payload: int
    ack: int | None = None
    window: int = 64240
    ttl: int = 64
    id: int | None = None
    label: int = 7
    options: tuple[str, ...] = ()
    is_lost: bool = False
    is_broken: bool = False
    has_damaged_header: bool = False
    is_disputed: bool = False
    is_seen: bool = True


@dataclass(slots=True)
class Expected:
    """The state of one end, and how it is known."""

    state: str
    others: tuple[str, ...] = ()
    mark: str = ""
    retracts: tuple[str, ...] = ()
    is_ordered: bool = True
    """Whether the order of the others matters."""

    def fits(self, others: tuple[str, ...]) -> bool:
        """Whether these are the other states; if none are written, any are."""
        wanted = tuple(other for other in self.others if other != "-")
        return not self.others or (others == wanted if self.is_ordered else sorted(others) == sorted(wanted))


@dataclass(slots=True)
class Line:
    """One line: an event, and the true states after it."""

    number: int
    text: str
    time: float
    sent: Sent | None = None
    icmp: tuple[str, str] | None = None
    is_copy: bool = False
    states: dict[str, Expected] = field(default_factory=dict)
    old: dict[str, str] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    begins: bool = False
    client: str | None = None


@dataclass(slots=True)
class Script:
    """One dialogue."""

    title: str
    path: Path
    number: int
    opened: dict[str, int] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: {"A": 40000, "B": 80})
    lines: list[Line] = field(default_factory=list)
    is_alone: bool = False
    """Whether both ends are one socket."""
    has_fixed_numbers: bool = False
    is_over_ipv4: bool = False
    """Whether it depends on identifications, which only IPv4 has."""


def read(path: Path) -> Iterator[Script]:
    """Yield the scripts of a file."""
    paragraph: list[tuple[int, str]] = []
    for number, text in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        if text.strip():
            paragraph.append((number, text.rstrip()))
            continue
        if any(not line.startswith("#") for _, line in paragraph):
            yield _script(path, paragraph)
        paragraph = []


def _script(path: Path, paragraph: list[tuple[int, str]]) -> Script:
    first, title = paragraph[0]
    if not title.startswith("#"):
        raise Mistake(f"{path}:{first}: a script begins with its title")
    script = Script(title.lstrip("# "), path, first)
    for number, text in paragraph:
        words = _words(text.split(" #")[0])
        try:
            if text.startswith("#"):
                continue
            if words[0] == "open":
                script.opened = {words[1]: int(words[2]), words[3]: int(words[4])}
            elif words == ["A", "is", "B"]:
                script.is_alone, script.ports["B"] = True, script.ports["A"]
            elif words == ["numbers", "as", "written"]:
                script.has_fixed_numbers = True
            elif words == ["over", "IPv4"]:
                script.is_over_ipv4 = True
            elif words[1] == "port":
                script.ports[words[0]] = int(words[2])
            else:
                script.lines.append(_line(number, text, words))
        except (IndexError, ValueError, KeyError) as error:
            raise Mistake(f"{path}:{number}: cannot read {text!r}: {error}") from error
    return script


def _words(text: str) -> list[str]:
    """Split at blanks, but not within ``<...>``."""
    return re.findall(r"<[^>]*>|\S+", text)


def _line(number: int, text: str, words: list[str]) -> Line:
    line = Line(number, text, float(words[0]))
    rest = words[1:]
    if rest[0] == "wait":
        rest = rest[1:]
    elif rest[0] == "copy":
        line.is_copy, rest = True, rest[1:]
    elif rest[0] == "icmp":
        line.icmp, rest = (rest[1], rest[3]), rest[4:]
    else:
        line.sent, rest = _sent(rest)
    _truths(line, rest)
    return line


def _sent(words: list[str]) -> tuple[Sent, list[str]]:
    sender, arrow, _receiver, flags, span, *rest = words
    if arrow != ">" or sender not in ENDS or set(flags) - set("FSRP.UEW"):
        raise ValueError("a segment is written A > B FLAGS 1:1(0)")
    match = re.fullmatch(r"(\d+)(?::(\d+)\((\d+)\))?", span)
    if match is None:
        raise ValueError(f"{span} is no range of sequence numbers")
    seq, payload = int(match[1]), int(match[3] or 0)
    if match[2] is not None and int(match[2]) != seq + payload:
        raise ValueError(f"{span} does not add up")
    sent = Sent(sender, flags, seq, payload)
    if "R" in flags:
        sent.window = 0
    while rest:
        match rest[0]:
            case "ack":
                sent.ack, rest = int(rest[1]), rest[2:]
            case "win":
                sent.window, rest = int(rest[1]), rest[2:]
            case "ttl":
                sent.ttl, rest = int(rest[1]), rest[2:]
            case "id":
                sent.id, rest = int(rest[1]), rest[2:]
            case "label":
                sent.label, rest = int(rest[1]), rest[2:]
            case "lost":
                sent.is_lost, rest = True, rest[1:]
            case "badsum":
                sent.is_broken, rest = True, rest[1:]
            case "badhead":
                sent.has_damaged_header, rest = True, rest[1:]
            case "disputed":
                sent.is_disputed, rest = True, rest[1:]
            case "unseen":
                sent.is_seen, rest = False, rest[1:]
            case word if word.startswith("<"):
                sent.options, rest = tuple(word.strip("<>").split(",")), rest[1:]
            case _:
                break
    if ("." in flags) != (sent.ack is not None):
        raise ValueError("the ACK bit and the acknowledgement come together")
    return sent, rest


def _truths(line: Line, words: list[str]) -> None:
    while words:
        match words[0]:
            case "A" | "B" as end:
                line.states[end], words = _expected(words[1]), words[2:]
                if words[:1] == ["retracts"]:
                    line.states[end].retracts, words = tuple(words[1].split(",")), words[2:]
            case "old":
                line.old[words[1]], words = words[2], words[3:]
            case "fact":
                line.facts.append(words[1])
                words = words[2:]
            case "nofact":
                line.denied.append(words[1])
                words = words[2:]
            case "new":
                line.begins, words = True, words[1:]
            case "client":
                line.client, words = words[1], words[2:]
            case word:
                raise ValueError(f"{word} means nothing here")


def _expected(word: str) -> Expected:
    mark = word[-1] if word[-1] in MARKS else ""
    state, *others = word.removesuffix(mark).split("|")
    if "," in word:
        return Expected(state, tuple(",".join(others).split(",")), mark, is_ordered=False)
    return Expected(state, tuple(others), mark)
