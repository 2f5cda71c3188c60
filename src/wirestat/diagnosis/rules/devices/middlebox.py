"""Resets that came from neither end: someone on the way spoke in an end's name."""

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.devices.both_reset import both_reset
from wirestat.diagnosis.rules.opening.hairpins import asked_another
from wirestat.diagnosis.rules.opening.rejecting import refused_alike
from wirestat.diagnosis.rules.resets.before import had_closed, had_no_effect
from wirestat.diagnosis.rules.resets.reasons import in_its_own_words, lacks_stamp
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, State
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SIGNS: dict[Fact, str] = {
    Fact.RST_TTL_DIFFERS: "its TTL is not that of the host's other packets",
    Fact.RST_LOOKS_FOREIGN: "it is not formed, or not numbered, as the host's own packets are",
    Fact.SPOKE_AFTER_OWN_RST: "the host went on talking after it",
    Fact.RST_COPIES_PACKET: "it bears the identification of the very packet that drew it",
}
"""Marks of a stranger's reset; two of them leave no doubt."""
_ACCEPTED = "the host accepted the very SYN that it refuses"
_UNSTAMPED = "it lacks the time stamp that both ends had agreed on"
"""A mark that some stacks leave on their own resets: it tells beside others only."""
_UNROUTED = (32, 64, 128, 255)
"""TTLs that hosts begin with."""
_LATE = 10 * MILLISECOND
"""Packets that take different ways overtake each other by so much at most."""
_SHOWN = (Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN, Fact.SPOKE_AFTER_OWN_RST)
"""One of these has to be there: identifications are equal by chance now and then."""

_OTHER_RESETS = {"D02", "D06", "D07", "D12", "D16", "D27", "D28"}


@rule("D18", "Injected reset", Severity.ERROR, rests_on={Basis.ORDER}, replaces=_OTHER_RESETS)
def injected_reset(case: Case) -> Verdict | None:
    """A reset came in an end's name, and that end did not send it.

    What it means: a firewall, an intrusion prevention system or a censor ended the connection. Its packets start
    from another distance, so their TTL is not that of the host's other packets; and the host, which knows nothing
    of the reset, goes on talking after it. Where connects to the same socket are refused from that distance as well,
    a rule on the way rejects what goes there. Resets in both names at one instant, of which neither answers anything,
    seem to be of a device that resets both ends.

    Why it matters: neither end's log tells the truth: each says that the other reset the connection.

    Rivals: a load balancer or a host that answers for another as a matter of design (direct server return). A stack
    that sends resets with another TTL than data. A NAT node whose connection tracking let a late packet through
    (D19).

    What to do: capture at the end in whose name the reset came: if it is not there, the end did not send it. The
    difference in TTL is the distance in hops between the host and the device.

    See it: ``wirestat pcaps/injected-reset-to-both/client.pcap``: a device on the way resets both ends.

    RFC 9293: 3.5.3 (reset processing); RFC 3360 (inappropriate resets).
    """
    end = next((end for end in case.ends if end.has(*_SHOWN) or _refused_and_accepted(end)), None)
    if end is None and all(one.has(Fact.RST_SENT) for one in case.ends):
        return both_reset(case)
    if end is None or end.has(Fact.RST_ANSWERS_LATE_SEGMENT) or had_no_effect(end):
        return None
    if answered_the_syn(end):
        return None  # whoever answered the SYN may reset as well: a front end (D27)
    if asked_another(case, end):
        return None  # its SYN was translated, and the answer was not: it does not know who answers (D27)
    if _only_asked(end):
        return None  # whoever asked used a raw socket, and its own kernel reset the answer
    if end.record.frames + end.other.record.frames == 1:
        return None  # nothing else was captured that it could be unlike
    both = end.has(Fact.RST_TTL_DIFFERS) and end.other.has(Fact.RST_TTL_DIFFERS)
    signs = _signs(case, end, both=both)
    if not signs:
        return None
    proven = len(signs) > 1
    # Whoever answered the SYN may reset as well: where that was not captured, a front end is no stranger.
    unseen = case.has(Fact.MID_STREAM) and not (both or _is_made_of_a_packet(end))
    refusals, is_over = refused_alike(case, end), _comes_after_the_end(end)
    weak = not refusals and signs in ([_SIGNS[Fact.RST_TTL_DIFFERS]], [_ACCEPTED])
    just_spoke = end.has(Fact.RST_RIGHT_AFTER_WORDS) and not end.has(Fact.RST_AFTER_IDLE, Fact.FIN_SENT)
    if weak and end.has(Fact.RST_NO_SOCKET) and not just_spoke:
        return None  # forgotten (D07), if not by the host itself
    return Verdict(
        severity=Severity.NOTE if is_over else Severity.WARNING if weak else None,
        grounds=(showing(end, Fact.RST_SENT, *_SIGNS), showing(end.other, Fact.RST_TTL_DIFFERS)),
        weak=weak or (unseen and not end.has(Fact.SPOKE_AFTER_OWN_RST)),
        doubts=(
            *(() if proven and not _refused_and_accepted(end) else (_doubt(end),)),
            *(("who answered the SYN was not captured: a front end may have",) if unseen else ()),
        ),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_SENT), *(end.frame(fact) for fact in _SIGNS)),
        explanation=f"A reset came in the name of {end}, which "
        f"{'may not have sent' if weak else 'did not send'} it: {', and '.join(signs)}."
        f"{_rejected(end, refusals)}{in_its_own_words(end)}"
        + (" Both had closed by then, and had all that was sent: nothing is lost." if is_over else ""),
        rivals=(_itself(end, weak=weak), _for_the_host(end), *_second_host(end, signs), *_neighbour(end)),
        advice=advise(
            f"Capture at {end.address}: if the reset is not there, a device on the way sent it.",
            *(("  device$ nft list ruleset | grep -n reject",) if refusals else ()),
            capture_at(end),
            on(end.other, f"traceroute -T -p {end.port} {end.address}"),
        ),
    )


def _comes_after_the_end(end: End) -> bool:
    """Say whether both ends had closed before the reset, and all data of both were acknowledged."""
    is_over = had_closed(end, end) and had_closed(end.other, end)
    return is_over and not (end.record.unacknowledged_bytes or end.other.record.unacknowledged_bytes)


def _is_made_of_a_packet(end: End) -> bool:
    """Say whether the reset, and nothing else in that name, bears the identification of what it answers."""
    return end.has(Fact.RST_COPIES_PACKET) and not end.figure(Fact.RST_COPIES_PACKET)


def _rejected(end: End, refusals: int) -> str:
    """Tell of connects that were refused by the same device, which makes it a rule."""
    if not refusals:
        return ""
    return (
        f" {some(refusals, 'connect')} to this socket were refused within seconds of "
        f"it with the same TTL ({end.figure(Fact.RST_SENT)}): a rule on the way rejects what goes there."
    )


def _signs(case: Case, end: End, *, both: bool) -> list[str]:
    """Name the marks of a stranger on a reset; ``both``: the other end's reset has them as well."""
    odd_ttl = end.has(Fact.RST_TTL_DIFFERS) and (both or not _has_come_with(end))
    signs = [words for fact, words in _SIGNS.items() if end.has(fact)]
    if end.has(Fact.RST_COPIES_PACKET) and not _is_made_of_a_packet(end):
        signs.remove(_SIGNS[Fact.RST_COPIES_PACKET])
    if end.has(Fact.RST_TTL_DIFFERS) and not odd_ttl:
        signs.remove(_SIGNS[Fact.RST_TTL_DIFFERS])
    if signs == [_SIGNS[Fact.SPOKE_AFTER_OWN_RST]] and _was_overtaken(case, end):
        return []
    if signs == [_SIGNS[Fact.SPOKE_AFTER_OWN_RST]] and _began_anew(case, end):
        return []  # it speaks on another connection between the same ports
    # Who forwards the handshake of another agrees on time stamps in its stead: they tell beside data of the host's.
    said = end.has(Fact.SENT_DATA, Fact.SPOKE_AFTER_OWN_RST)
    signs += [_UNSTAMPED] if lacks_stamp(end) and signs and said else []
    signs += ["the other end was reset in the same way"] if both else []
    signs += [_ACCEPTED, *_unlike_the_answer(end)] if _refused_and_accepted(end) else []
    ttls = end.figure(Fact.RST_TTL_DIFFERS) or 1 if odd_ttl else 1
    return signs + ([f"it is one of several with {ttls} TTLs, and a host has one"] if ttls > 1 else [])


def _has_come_with(end: End) -> bool:
    """Say whether the TTL of its reset is one of several that its other packets come with."""
    return end.ttls_take_turns or end.was_served_with(end.figure(Fact.RST_SENT))


def _was_overtaken(case: Case, end: End) -> bool:
    """Say whether a host without the connection reset it, on a path that reorders: its words may be older."""
    reset, spoke = end.fact(Fact.RST_NO_SOCKET), end.fact(Fact.SPOKE_AFTER_OWN_RST)
    if reset is None or spoke is None or spoke.time_ns - reset.time_ns > _LATE:
        return False
    return case.of_client(_is_reordered)


def _is_reordered(connections: list[Connection]) -> bool:
    return any(one.client.out_of_order_frames or one.server.out_of_order_frames for one in connections)


def _began_anew(case: Case, end: End) -> bool:
    """Say whether what it said after the reset may be of a new connection, whose SYN was not captured.

    Then its numbers leave out what came before, or nothing came before the reset that they could go on from.
    """
    if not case.has(Fact.MID_STREAM) or not end.has(Fact.RST_NO_SOCKET):
        return False
    if end.frame(Fact.RST_SENT) == case.connection.first_frame:
        return True
    spoke = end.frame(Fact.SPOKE_AFTER_OWN_RST)
    return any(seen.fact is Fact.FRAMES_MISSING and seen.frame == spoke for seen in case.connection.facts)


def _itself(end: End, *, weak: bool) -> Rival:
    what = "the host reset the connection itself"
    if end.has(Fact.SPOKE_AFTER_OWN_RST):
        return ruled_out(what, "it went on talking")
    if _is_made_of_a_packet(end):
        return ruled_out(what, "it is made of a packet of the other end")
    return still_open(what) if weak else unlikely(what, "the reset does not look like its own")


def _for_the_host(end: End) -> Rival:
    what = "a load balancer that answers for the host"
    if _is_made_of_a_packet(end):
        return unlikely(what, "it numbers its packets itself")
    return ruled_out(what, "the host went on") if end.has(Fact.SPOKE_AFTER_OWN_RST) else still_open(what)


def _second_host(end: End, signs: list[str]) -> tuple[Rival, ...]:
    """Name another host with the address, where the reset is as any host sends it for what it does not know."""
    if signs == [_SIGNS[Fact.SPOKE_AFTER_OWN_RST]] and end.has(Fact.RST_NO_SOCKET):
        return (cause("another host with that address, which this one packet reached (D43)"),)
    return ()


def _neighbour(end: End) -> tuple[Rival, ...]:
    """Name another host of the address where no router has lowered the TTL of the reset: it was made nearby."""
    ttl = end.figure(Fact.RST_SENT)
    if not end.has(Fact.RST_TTL_DIFFERS) or ttl not in _UNROUTED or _is_made_of_a_packet(end):
        return ()
    what = "another host that has the same address (D43)"
    return (still_open(what, f"the TTL of {ttl} tells that no router was passed: see arping {end.address}"),)


def _only_asked(end: End) -> bool:
    """Say whether it reset the answer to its own SYN: a scanner makes the SYN up, and its kernel the reset."""
    sent = end.record
    said_no_more = sent.frames - sent.retransmitted_frames <= len(("SYN", "RST"))
    return end.has(Fact.RST_ANSWERS_SYN_ACK) and (
        said_no_more or not end.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN)
    )


def answered_the_syn(end: End) -> bool:
    """Say whether the reset has the TTL of the SYN-ACK, and not that of the data, and was the last word."""
    opened, reset = end.figure(Fact.SYN_ACK_TTL_DIFFERS), end.figure(Fact.RST_SENT)
    return opened is not None and opened == reset and not end.has(Fact.SPOKE_AFTER_OWN_RST)


def _refused_and_accepted(end: End) -> bool:
    """Say whether one and the same SYN was refused in its name, and then accepted."""
    if not end.has(Fact.REFUSED) or end.other.has(Fact.SYN_RESENT):
        return False
    accepted, refused = end.entered(State.SYN_RECV), end.fact(Fact.REFUSED)
    return accepted is not None and refused is not None and accepted.time_ns > refused.time_ns


def _unlike_the_answer(end: End) -> tuple[str, ...]:
    """Name the TTL of a refusal that came before the answer, where that has another."""
    refused, answered = end.figure(Fact.RST_SENT), end.record.ttl
    if refused is None or answered is None or refused == answered or end.has(Fact.RST_TTL_DIFFERS):
        return ()
    return (f"its TTL is {refused}, and that of the answer {answered}",)


def _doubt(end: End) -> str:
    if _refused_and_accepted(end):
        return "two hosts may answer for one address"
    if end.has(Fact.SPOKE_AFTER_OWN_RST):
        return "the reset looks like the host's own, and older packets may have overtaken it"
    if end.has(Fact.RST_LOOKS_FOREIGN):
        return "its TTL is that of the host's other packets"
    return "some stacks and load balancers send resets with another TTL"


@rule(
    "D19",
    "Reset by connection tracking",
    Severity.ERROR,
    rests_on={Basis.ORDER},
    replaces=_OTHER_RESETS | {"D18"},
)
def late_segment_reset(case: Case) -> Verdict | None:
    """A late or repeated segment was answered by a reset, though the connection was alive.

    What it means: a NAT node's connection tracking judged the segment INVALID (out of its window), did not translate
    it back, and let it reach the node itself, which knows of no such connection and resets it. The end in whose
    name the reset came never sent it.

    Why it matters: long transfers over a busy path break now and then, with "connection reset by peer" at the one
    end and silence at the other. Known from container networks with iptables NAT.

    Rivals: an injected reset (D18), which needs no late segment. A host that did forget the connection (D07).

    What to do: on the NAT node, drop INVALID packets or let connection tracking be liberal.

    See it: no capture of it is kept; the lab's gateway drops late segments, as it should.

    RFC 9293: 3.10.7.4 (an unacceptable segment draws an ACK, not a reset).
    """
    end = next((end for end in case.ends if _answers_late(end)), None)
    if end is None:
        return None
    spoke = end.has(Fact.SPOKE_AFTER_OWN_RST)
    return Verdict(
        grounds=(showing(end, Fact.RST_ANSWERS_LATE_SEGMENT, Fact.SPOKE_AFTER_OWN_RST, Fact.RST_SENT),),
        weak=not spoke,
        doubts=("only a capture at the NAT node shows who sent the reset",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_ANSWERS_LATE_SEGMENT), end.frame(Fact.SPOKE_AFTER_OWN_RST)),
        explanation=f"{end.other} sent a late or repeated segment, and a reset in the name of {end} "
        "answered it; a host with this connection answers with an ACK.",
        rivals=(
            ruled_out(f"{end} forgot the connection (D07)", "it went on talking")
            if spoke
            else still_open(f"{end} forgot the connection (D07)"),
            still_open("an injected reset (D18)", "but it answers a late segment exactly"),
        ),
        advice=advise(
            "On the node that translates addresses: be liberal, or drop what connection tracking calls "
            "INVALID.",
            "  node$ conntrack -S | grep -E 'invalid=[1-9]'",
            f"  node$ conntrack -L -p tcp | grep -E 'port={end.port} .*port={end.other.port}|"
            f"port={end.other.port} .*port={end.port}'",
            "  node$ sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1",
            "  node$ iptables -I FORWARD -m conntrack --ctstate INVALID -j DROP",
        ),
    )


def _answers_late(end: End) -> bool:
    """Say whether it did so in a reset that bears the marks of somebody else."""
    return end.has(Fact.RST_ANSWERS_LATE_SEGMENT) and end.has(*_SIGNS) and not end.has(Fact.FIN_SENT)
