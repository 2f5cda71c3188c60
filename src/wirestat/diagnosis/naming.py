"""From a connection to the findings that speak of it, however many connections they speak of."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from wirestat.diagnosis.members import Look, look
from wirestat.model import Connection, Finding


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
        """Take note of a connection that the finding at ``place`` speaks of."""
        self._by_id[id].add(place)

    def note_alike(self, place: int, alike: Look) -> None:
        """Take note of all that look alike and were not judged one by one."""
        self._alike[alike].add(place)

    def note_looks(self, place: int, looks: Iterable[Look]) -> None:
        """Take note of all that have one of these looks."""
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

    def everyone(self, connections: Iterable[tuple[int, Look]]) -> dict[int, tuple[str, ...]]:
        """Return the same for each of these connections that a finding speaks of; there may be millions."""
        spelled: dict[tuple[int, ...], tuple[str, ...]] = {}
        for places in (all_places := self.places(connections)).values():
            if places not in spelled:
                spelled[places] = tuple(dict.fromkeys(self._findings[place].id for place in places))
        return {id: spelled[places] for id, places in all_places.items()}

    @property
    def by_itself(self) -> frozenset[int]:
        """The ids of connections that not only their looks tell about: those named, and those judged one by one."""
        return self._judged.union(self._by_id)

    def places_of(self, id: int, own: Look | None) -> tuple[int, ...]:
        """Return where in their order the findings stand that speak of a connection; id 0 is one of many alike."""
        return tuple(sorted(self._places(id, own)))

    def places(self, connections: Iterable[tuple[int, Look]]) -> dict[int, tuple[int, ...]]:
        """Return for each connection that a finding speaks of where in their order those findings stand.

        ``connections`` are all there are, each with its look; none where no finding goes by looks
        (:attr:`goes_by_looks`).
        """
        if not self.goes_by_looks:
            return {id: tuple(sorted(places)) for id, places in self._by_id.items()}
        by_itself = self.by_itself
        # Equal looks are mostly the same object, and their hash takes time. Each is kept, so that no other takes
        # its place.
        by_look: dict[int, tuple[tuple[int, ...], Look]] = {}
        found = {}
        for connection, own in connections:
            if connection in by_itself:
                places = tuple(sorted(self._places(connection, own)))
            else:
                known = by_look.get(id(own))
                if known is None:
                    known = by_look[id(own)] = tuple(sorted(self._places(connection, own))), own
                places = known[0]
            if places:
                found[connection] = places
        return found

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
        for id in self.by_itself:
            own = always if id in self._judged else always | unless_judged
            found[id] = self._spell(own | self._by_id.get(id, empty))
        return found

    def _spell(self, places: Collection[int]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._findings[place].id for place in sorted(places)))

    def goes_by_looks_of(self, places: Collection[int]) -> bool:
        """Whether one of the findings at these places speaks of connections that only their looks tell."""
        wanted = frozenset(places)
        return any(not wanted.isdisjoint(of) for of in (*self._alike.values(), *self._looks.values()))

    def spoken_of(self, places: Collection[int], connections: Iterable[tuple[int, Look]]) -> set[int]:
        """Return the ids of all connections that one of the findings at these places speaks of.

        ``connections`` are all there are, each with its look; none where no finding goes by looks
        (:meth:`goes_by_looks_of`).
        """
        wanted = frozenset(places)
        found = {id for id, of in self._by_id.items() if not wanted.isdisjoint(of)}
        alike = {look for look, of in self._alike.items() if not wanted.isdisjoint(of)}
        looks = {look for look, of in self._looks.items() if not wanted.isdisjoint(of)}
        kinds: dict[int, tuple[bool, bool]] = {}
        for connection, own in connections:
            # Equal looks are mostly the same object, and their hash takes time.
            kind = kinds.get(id(own))
            if kind is None:
                kind = kinds[id(own)] = own in looks, own in alike
            if kind[0] or (kind[1] and connection not in self._judged):
                found.add(connection)
        return found

    def _places(self, id: int, own: Look | None) -> set[int]:
        places = set(self._by_id.get(id, ()))
        if own is not None:
            places |= self._looks.get(own, set())
            if id not in self._judged:
                places |= self._alike.get(own, set())
        return places
