"""The capture's records of sockets and of pairs of hosts, found by their addresses."""

from collections import Counter, defaultdict
from functools import cached_property

from wirestat.summary import Listener, Path, Summary


class Populations:
    """Drawn when they are first asked for: there may be as many as there are connections."""

    def __init__(self, summary: Summary) -> None:
        """Ask nothing yet."""
        self._summary = summary

    def listener(self, address: str, port: int) -> Listener | None:
        """Return the record of a server's socket."""
        return next((one for one in self._listeners.get(address, ()) if one.port == port), None)

    def answered(self, address: str, port: int) -> tuple[int, int]:
        """Count the SYNs that the capture shows answered: by a server's socket, and by any socket of its host.

        Sockets of which no SYN-ACK was captured do not count: that they answered follows from their clients alone.
        """
        of_host = self._answered.get(address)
        return (of_host[port], of_host[None]) if of_host else (0, 0)

    def path(self, client: str, server: str) -> Path | None:
        """Return the record of a client's host and its server's."""
        return self._paths.get(client, {}).get(server)

    def called(self, client: str) -> list[Path]:
        """Return the paths from a client's host to others."""
        return list(self._paths.get(client, {}).values())

    @cached_property
    def _listeners(self) -> dict[str, list[Listener]]:
        found: defaultdict[str, list[Listener]] = defaultdict(list)
        for one in self._summary.listeners:
            found[one.address].append(one)
        return found

    @cached_property
    def _answered(self) -> dict[str, Counter[int | None]]:
        """By address, and by port; ``None`` for all ports."""
        found: defaultdict[str, Counter[int | None]] = defaultdict(Counter)
        for one in self._summary.listeners:
            if one.answers:
                found[one.address].update({one.port: one.answered, None: one.answered})
        return found

    @cached_property
    def _paths(self) -> dict[str, dict[str, Path]]:
        found: defaultdict[str, dict[str, Path]] = defaultdict(dict)
        for one in self._summary.paths:
            found[one.client].setdefault(one.server, one)
        return found
