"""SYNs that somebody else answered: only a capture near the server can tell."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from wirestat.crossing import Comparison, Fate, Passage
from wirestat.diagnosis import roster
from wirestat.diagnosis.advice import advise, on
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.certainty import Weighed
from wirestat.diagnosis.compared.underway import ACKNOWLEDGING
from wirestat.diagnosis.compared.whereabouts import PASSED, Whereabouts
from wirestat.diagnosis.grouping import Hit
from wirestat.diagnosis.members import look
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Confidence, Fault, Severity, Side
from wirestat.summary import Signature
from wirestat.timers import SECOND
from wirestat.words import some

_UNSEEN = (Fate.MISSED, Fate.INJECTED)
"""Fates of an answer that the point nearest to its sender does not hold."""
_SEVERAL = 2
"""So many SYNs with their answers are missed by no chance."""
_EACH = 4
_MOSTLY = 5
"""All but one in so many."""
_TWICE = 2
"""An address that connects more often does so beside others by chance."""
_SOON = SECOND
"""A proxy asks the server as soon as it is asked."""
_LOOKED_AT = 1000
"""Connections of one server."""
_SECOND_WAY = "the host may have a second way to the client, past that point"


class Elsewhere:
    """Connections that somebody else opened in the server's name: another host with its address, or a proxy."""

    def __init__(self, comparison: Comparison, analysis: Analysis, ids: Iterable[int]) -> None:
        """Look at the connections ``ids``."""
        self._comparison, self._analysis = comparison, analysis
        self._unasked: list[int] = []
        self._refusing: set[str] = set()
        self._refused: dict[tuple[str, int], list[int]] = defaultdict(list)
        """When SYNs came that were refused on the way, in Unix ns, by the socket that they asked."""
        self.by_proxy: list[int] = []
        """Connections that somebody answered between the points, in the server's name."""
        self._from_there: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        """When SYNs asked a socket that only the server's point holds, and their clients' addresses."""
        for id in ids:
            self._look(id)
        self._syns = Counter(self._server(id) for id in self._unasked)
        self.addresses = self._known_everywhere(
            {one for one in self._refusing if self._syns[one] >= _SEVERAL}
        )
        """Addresses of servers that another host has as well: it answers SYNs, and resets what it does not know."""
        self.by_another = [id for id in self._unasked if self._server(id) in self.addresses]
        """Connections whose SYN never came to the server's point, and was answered."""
        self._relays = self._find_relays()

    def _known_everywhere(self, addresses: set[str]) -> set[str]:
        """Return those servers of which every point holds a connection: else its own host may be between them."""
        found, looked_at = set[str](), Counter[str]()
        for one in self._analysis.connections() if addresses else ():
            address = one.server.address
            if address not in addresses or address in found or looked_at[address] == _LOOKED_AT:
                continue
            looked_at[address] += 1
            if all(names is not None for names in self._comparison.crossing(one.id).names):
                found.add(address)
        return found

    def _look(self, id: int) -> None:
        witness = self._witness(id)
        asked = _of(witness, Side.CLIENT, "SYN")
        answers = _of(witness, Side.SERVER, "SYN-ACK")
        if any(one.fate is Fate.INJECTED for one in _of(witness, Side.SERVER, "RST")):
            self._refusing.add(self._server(id))
            if asked and not answers and all(one.fate in (Fate.LOST, Fate.OUTSIDE) for one in asked):
                self._refused[self._socket(id)].append(asked[0].time_ns)
        if asked and all(one.fate is Fate.INJECTED for one in asked):
            self._from_there[self._socket(id)].append((asked[0].time_ns, self._client(id)))
        if not asked or not answers:
            return
        went = {one.fate for one in asked}
        if Fate.INJECTED in went and Fate.LOST in went:
            self.by_proxy.append(id)  # it ended there, and another began
        elif witness.arrivals(Side.SERVER, answers):
            return
        elif (
            Fate.LOST in went
            and went <= {Fate.LOST, Fate.OUTSIDE}
            and any(one.fate in _UNSEEN for one in answers)
            and not witness.arrivals(Side.SERVER, _of(witness, Side.SERVER, *ACKNOWLEDGING))
        ):
            self._unasked.append(id)
        elif all(one.fate is Fate.INJECTED for one in answers):
            said = _of(witness, Side.CLIENT, *ACKNOWLEDGING)
            if said and not any(one.fate in PASSED for one in said):
                self.by_proxy.append(id)

    def hits(self) -> Iterator[Hit]:
        """Yield a hit for each of them (D43, D44)."""
        for id in self.by_another:
            yield (
                self._relayed(id)
                if self._socket(id) in self._relays
                else self._another(alone(id, self._analysis), self._witness(id))
            )
        for id in self.by_proxy:
            yield self._proxy(alone(id, self._analysis), self._witness(id))

    def got_it(self, case: Case, told: str, near: str) -> Hit:
        """Return the hit of a reset that another host sent, which has the address of ``case``'s server."""
        syns = some(self._syns[case.server.address], "SYN")
        words = f"{told} Another host with that address got it, which answered {syns} that {near} lacks."
        return _two_hosts(case, words)

    def refuses(self, case: Case) -> bool:
        """Say whether a SYN to its socket went no further than to somebody who refused it in its name."""
        return (case.server.address, case.server.port) in self._refused

    def takes_turns(self, case: Case) -> bool:
        """Say whether its socket let others in between such refusals: a rule of a firewall holds for a while."""
        return (case.server.address, case.server.port) in self._taking_turns

    @cached_property
    def _taking_turns(self) -> set[tuple[str, int]]:
        """The sockets that did, by one walk over all connections."""
        spans = {name: (min(times), max(times)) for name, times in self._refused.items()}
        found = set[tuple[str, int]]()
        for one in self._analysis.connections():
            name = one.server.address, one.server.port
            if (
                name in spans
                and spans[name][0] < one.first_time_ns < spans[name][1]
                and one.connect_ns is not None
            ):
                found.add(name)
        return found

    def refused(self, case: Case, told: str, doubt: str) -> Hit:
        """Return the hit of a reset in answer to what never came to the host that :meth:`refuses`."""
        server = case.server
        syns = len(self._refused[server.address, server.port])
        words = f"{told} It answers what {case.client} sent, which went no further" + (
            f", as did {some(syns, 'SYN')} to this socket" if syns > 1 else ""
        )
        if self.takes_turns(case):
            words += "; others got through in between. Another host seems to have the address at times."
            return _two_hosts(case, words, "a firewall that refuses some by a rule looks the same")
        verdict = Verdict(
            grounds=(),
            kind="on the way",
            fault=Fault.PATH,
            frames=(),
            explanation=f"{words}: a device on the way refuses them, or another host has the address.",
            rivals=(ruled_out("nobody listens there", f"what was asked did not come to {server.address}"),),
            advice=advise(
                "Look at the firewalls between these two points, and at who answers for this address.",
                on(case.client, f"traceroute -T -p {server.port} {server.address}"),
                on(case.client, f"arping -c 3 {server.address}"),
            ),
        )
        rule = roster.rule("D02")
        return Hit(rule, case, verdict, weighed_by(doubt, rule.severity))

    def _find_relays(self) -> dict[tuple[str, int], str]:
        """Return the address that asked a server each time just after a client was answered in its name."""
        times: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for id in self.by_another:
            times[self._socket(id)].append(_of(self._witness(id), Side.CLIENT, "SYN")[0].time_ns)
        found = {server: _asks_each_time(each, self._from_there[server]) for server, each in times.items()}
        return {server: relay for server, relay in found.items() if relay}

    def _relayed(self, id: int) -> Hit:
        case, witness = alone(id, self._analysis), self._witness(id)
        near, relay = witness.nearest(Side.SERVER), self._relays[self._socket(id)]
        rule = roster.rule("D44")
        verdict = Verdict(
            grounds=(),
            kind="own address",
            fault=Fault.UNDECIDED,
            frames=(),
            explanation=f"The SYN of {case.client} to {case.server} never came to {near}, and was answered in its "
            f"name; just after, {relay} connected to {case.server} there, as after nearly each of them: a "
            "transparent proxy ends the clients' connections, and asks the server from an address of its own.",
            rivals=(still_open("another host with the server's address (D43)"),),
            advice=advise(
                f"See what the proxy at {relay} does where connections fail: whether its own are answered, and how "
                "long it waits. Clients are told of a connection before the server knows of any."
            ),
        )
        doubt = f"another client at {relay} that connects as often would look the same"
        return Hit(rule, case, verdict, Weighed(Confidence.LIKELY, Severity.NOTE, (doubt,)))

    def _client(self, id: int) -> str:
        return self._analysis.connection(id).client.address

    def _socket(self, id: int) -> tuple[str, int]:
        server = self._analysis.connection(id).server
        return server.address, server.port

    def _server(self, id: int) -> str:
        return self._analysis.connection(id).server.address

    def _witness(self, id: int) -> Whereabouts:
        return Whereabouts(self._comparison.crossing(id), self._comparison)

    def _another(self, case: Case, witness: Whereabouts) -> Hit:
        near = witness.nearest(Side.SERVER)
        return _two_hosts(
            case,
            f"The SYN of {case.client} to {case.server} never came to {near}, and was answered all the same, by a "
            f"SYN-ACK that {near} does not hold: another host answers for {case.server.address}.",
        )

    def _proxy(self, case: Case, witness: Whereabouts) -> Hit:
        client, server = case.client, case.server
        taken = [*_of(witness, Side.CLIENT, "SYN", *ACKNOWLEDGING), *_of(witness, Side.SERVER, "SYN-ACK")]
        there = next(one for one in taken if one.fate in (Fate.LOST, Fate.INJECTED))
        near, answers = witness.nearest(Side.SERVER), witness.sent(Side.SERVER, "SYN-ACK", "RST")
        has_asked = bool(witness.arrivals(Side.SERVER, _of(witness, Side.CLIENT, "SYN")))
        rule, in_vain = roster.rule("D44"), has_asked and not witness.arrivals(Side.SERVER, answers)
        passed = any(one.fate in PASSED for one in _of(witness, Side.CLIENT, "SYN"))
        asked_itself = "asked the server itself" if has_asked else f"sent none to {near}"
        how = "let the SYN itself pass" if passed else asked_itself
        what = (
            f" {'That' if passed else 'Its own'} SYN arrived at {near}, and nothing answered it there: {server} "
            "knows of no connection."
            if in_vain
            else ""
        )
        verdict = Verdict(
            grounds=(),
            asks_nothing=not in_vain,
            kind="in vain" if in_vain else "",
            fault=Fault.SERVER if in_vain else Fault.UNDECIDED,
            frames=(),
            explanation=f"A proxy {witness.where(there)} answered the SYN of {client} in the name of {server}, "
            f"and {how}.{what}",
            rivals=(ruled_out(f"{server} answered", f"{near} does not hold its answer to that SYN"),),
            advice=advise(
                f"See why {server} does not answer the proxy: whether it listens, and what its packet filter drops."
                if in_vain
                else "Nothing to do where connections work.",
                *((f"  {server.address}$ ss -ltnp '( sport = :{server.port} )'",) if in_vain else ()),
            ),
        )
        severity = Severity.ERROR if in_vain else Severity.INFO
        return Hit(rule, case, verdict, weighed_by(witness.may_lack_some(Side.SERVER), severity))


def _of(witness: Whereabouts, side: Side, *kinds: str) -> list[Passage]:
    """Return what was said in the name of an end, by whomever."""
    return [one for one in witness.crossing.passages if one.sender is side and one.kind in kinds]


def _asks_each_time(times: list[int], asked: list[tuple[int, str]]) -> str:
    """Return the address that asked soon after nearly each of some times, and not much more often."""
    asked.sort()
    next_to = [
        {address for _, address in asked[bisect_left(asked, (at, "")) : bisect_left(asked, (at + _SOON, ""))]}
        for at in times
    ]
    known = Counter(address for addresses in next_to for address in addresses)
    address, count = known.most_common(1)[0] if known else ("", 0)
    is_rare = sum(one == address for _, one in asked) <= _TWICE * len(times)
    is_usual = count * _MOSTLY >= len(times) * (_MOSTLY - 1)
    return address if len(times) >= _EACH and is_usual and is_rare else ""


def _two_hosts(case: Case, words: str, doubt: str = _SECOND_WAY) -> Hit:
    rule = roster.rule("D43")
    verdict = Verdict(
        grounds=(),
        fault=Fault.PATH,
        frames=(),
        explanation=words,
        rivals=(
            cause("a device that shares the packets of one connection out between hosts"),
            cause("an address that two hosts have"),
            unlikely("a device that forgot the connection", "it forgets no SYN, and answers none"),
        ),
        advice=advise(
            f"Find out who answers for {case.server.address}: which device shares packets out by packet and not by "
            "connection, and which hosts have the address.",
            on(case.client, f"arping -c 3 {case.server.address}"),
            on(case.client, f"traceroute -T -p {case.server.port} {case.server.address}"),
        ),
    )
    return Hit(rule, case, verdict, Weighed(Confidence.LIKELY, rule.severity, (doubt,)))


def weighed_by(doubt: str, severity: Severity) -> Weighed:
    """Return a certain verdict, and a likely one where there is a doubt."""
    return Weighed(Confidence.LIKELY, severity, (doubt,)) if doubt else Weighed(Confidence.CERTAIN, severity)


def alone(id: int, analysis: Analysis) -> Case:
    """Return a connection as the only one of its kind."""
    client, server, client_confirmed, server_confirmed, facts, client_facts, server_facts = look(
        analysis.connection(id)
    )
    signature = Signature(
        client_state=client,
        server_state=server,
        client_confirmed=client_confirmed,
        server_confirmed=server_confirmed,
        count=1,
        examples=(id,),
        facts=facts,
        client_facts=client_facts,
        server_facts=server_facts,
    )
    return Case(signature, id, analysis)
