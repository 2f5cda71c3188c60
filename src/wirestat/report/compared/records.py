"""From the comparison to the records of its JSON contract."""

from collections import Counter

import msgspec

from wirestat import crossing as nouns
from wirestat.crossing import Fate, Passage
from wirestat.model import Connection, Side
from wirestat.report import records
from wirestat.report.compared import contract
from wirestat.report.compared.build import Compared


def head(compared: Compared, version: str) -> contract.Head:
    """Make the part of the document that is small whatever the captures."""
    common = msgspec.structs.asdict(records.head(compared.report, version))
    common["schema"] = contract.SCHEMA
    return contract.Head(**common, comparison=_comparison(compared.comparison))


def _comparison(comparison: nouns.Comparison) -> contract.Comparison:
    return contract.Comparison(
        points=comparison.points,
        path=comparison.path,
        stages=comparison.stages,
        presence=tuple(
            contract.Presence(points=points, connections=number)
            for points, number in comparison.presence.items()
        ),
        known_by=dict(comparison.known_by),
        not_compared=comparison.torn,
        backward=comparison.backward,
    )


class Connections:
    """Makes the records of connections, each with what happened to it between the points."""

    def __init__(self, compared: Compared) -> None:
        """Make records of ``compared``."""
        self._comparison = compared.comparison
        self._records = records.Connections(compared.report)

    def record(self, item: Connection) -> contract.Connection:
        """Make the record of one connection."""
        common = msgspec.structs.asdict(self._records.record(item))
        return contract.Connection(**common, crossing=_crossing(self._comparison.crossing(item.id)))


def _crossing(crossing: nouns.Crossing) -> contract.Crossing:
    fates: dict[Side, Counter[Fate]] = {side: Counter() for side in Side}
    for passage in crossing.passages:
        fates[passage.sender][passage.fate] += 1
    return contract.Crossing(
        known_by=crossing.known_by,
        backward=crossing.backward,
        path=crossing.path,
        names=crossing.names,
        fates={side: dict(counts) for side, counts in fates.items()},
        passages=tuple(filter(happened, crossing.passages)),
    )


def happened(passage: Passage) -> bool:
    """Whether something befell a segment on its way, beside taking its time."""
    return passage.fate is not Fate.ARRIVED or any(leg.reordered or leg.delayed for leg in passage.legs)
