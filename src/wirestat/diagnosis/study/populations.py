"""The capture's records of sockets and of pairs of hosts, found by their addresses."""

from collections import defaultdict
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

    def answering(self, address: str) -> list[Listener]:
        """Return the sockets of a host of which an answer was captured."""
        return [one for one in self._listeners.get(address, ()) if one.answers]

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
    def _paths(self) -> dict[str, dict[str, Path]]:
        found: defaultdict[str, dict[str, Path]] = defaultdict(dict)
        for one in self._summary.paths:
            found[one.client].setdefault(one.server, one)
        return found
