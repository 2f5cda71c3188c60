"""From a connection to the findings that speak of it, however many connections they speak of."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from wirestat.diagnosis.members import Look, look
from wirestat.model import Connection, Finding


class Spoken(NamedTuple):
    """Which findings speak of each of many connections."""

    sets: list[tuple[int, ...]]
    """The different sets, the empty one first: where in their order the findings stand."""
    codes: array[int]
    """For each connection the number of its set."""

    def of(self, places: Collection[int]) -> bytes:
        """Return a byte for each connection: 1 where one of the findings at these places speaks of it."""
        wanted = frozenset(places)
        speaks = [not wanted.isdisjoint(one) for one in self.sets]
        return bytes(map(speaks.__getitem__, self.codes))


class Naming:
    """Tells which findings speak of a connection. Those that stand for many alike are found by their looks."""

    def __init__(self, findings: Iterable[Finding], judged: Iterable[int] = ()) -> None:
        """Know what the findings themselves name, and which connections were ``judged`` one by one."""
        self._findings = tuple(findings)
        self._judged = frozenset(judged)
        self._by_id: defaultdict[int, set[int]] = defaultdict(set)
        self._alike: defaultdict[Look, set[int]] = defaultdict(set)
        self._looks: defaultdict[Look, set[int]] = defaultdict(set)
        for place, finding in enumerate(self._findings):
            for id in (finding.connection, *finding.examples):
                if id is not None:
                    self._by_id[id].add(place)

    def note(self, place: int, id: int) -> None:
        """Note a connection that the finding at ``place`` speaks of."""
        self._by_id[id].add(place)

    def note_alike(self, place: int, alike: Look) -> None:
        """Note all connections that look alike and were not judged one by one."""
        self._alike[alike].add(place)

    def note_looks(self, place: int, looks: Iterable[Look]) -> None:
        """Note all connections that have one of these looks."""
        for one in looks:
            self._looks[one].add(place)

    @property
    def goes_by_looks(self) -> bool:
        """Whether some findings speak of connections that only their looks tell."""
        return bool(self._alike or self._looks)

    def findings(self, connection: Connection) -> tuple[Finding, ...]:
        """Return the findings that speak of a connection, in their order."""
        own = look(connection) if self.goes_by_looks else None
        return tuple(self._findings[place] for place in sorted(self._places(connection.id, own)))

    def ids(self, id: int, own: Look | None = None) -> tuple[str, ...]:
        """Return the ids of the findings that speak of connection ``id``, each once.

        Where findings go by looks (:attr:`goes_by_looks`), the connection's ``own`` is needed.
        """
        places = sorted(self._places(id, own))
        return tuple(dict.fromkeys(self._findings[place].id for place in places))

    def named(self) -> dict[int, tuple[str, ...]]:
        """Return the same for all connections that findings name, or that were judged one by one."""
        return {id: self.ids(id) for id in self._by_id}

    def everyone(
        self, ids: Sequence[int], kinds: Sequence[int], looks: Sequence[Look]
    ) -> dict[int, tuple[str, ...]]:
        """Return the same for each connection that a finding speaks of; :meth:`spoken` says what is given."""
        sets, codes = self.spoken(ids, kinds, looks)
        spelled = [self._spell(one) for one in sets]
        return {id: spelled[code] for id, code in zip(ids, codes, strict=True) if code}

    def spoken(self, ids: Sequence[int], kinds: Sequence[int], looks: Sequence[Look | None]) -> Spoken:
        """Return which findings speak of each connection; there may be millions.

        Args:
            ids: the connections, in order.
            kinds: the number of the look of each.
            looks: all looks; one of ``None`` where no finding goes by them (:attr:`goes_by_looks`).
        """
        places = [tuple(sorted(self._places(0, own))) for own in looks]
        by_itself = {}
        for id in self._judged.union(self._by_id):
            at = bisect_left(ids, id)
            if at < len(ids) and ids[at] == id:
                by_itself[at] = tuple(sorted(self._places(id, looks[kinds[at]])))
        sets = [(), *sorted({*places, *by_itself.values()} - {()})]
        code_of = {one: code for code, one in enumerate(sets)}
        codes = array("I", map([code_of[one] for one in places].__getitem__, kinds))
        for at, one in by_itself.items():
            codes[at] = code_of[one]
        return Spoken(sets, codes)

    def everyone_alike(self, looks: Iterable[Look], ids: Iterable[int]) -> dict[int, tuple[str, ...]] | None:
        """Return the same for ``ids``, those of all connections; ``None`` where their ``looks`` do not tell them all.

        Where every look there is has the same findings, as in a flood, nobody has to ask each connection for its own.
        """
        empty: set[int] = set()
        told = {
            (frozenset(self._looks.get(one, empty)), frozenset(self._alike.get(one, empty))) for one in looks
        }
        if len(told) != 1:
            return None
        ((always, unless_judged),) = told
        common = self._spell(always | unless_judged)
        found = dict.fromkeys(ids, common) if common else {}
        for id in self._judged.union(self._by_id):
            own = always if id in self._judged else always | unless_judged
            found[id] = self._spell(own | self._by_id.get(id, empty))
        return found

    def _spell(self, places: Collection[int]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._findings[place].id for place in sorted(places)))

    def goes_by_looks_of(self, places: Collection[int]) -> bool:
        """Whether one of the findings at these places speaks of connections that only their looks tell."""
        wanted = frozenset(places)
        return any(not wanted.isdisjoint(of) for of in (*self._alike.values(), *self._looks.values()))

    def _places(self, id: int, own: Look | None) -> set[int]:
        places = set(self._by_id.get(id, ()))
        if own is not None:
            places |= self._looks.get(own, set())
            if id not in self._judged:
                places |= self._alike.get(own, set())
        return places
