"""Makes the records of the comparison's JSON contract."""

from collections import Counter

import msgspec

from wirestat import crossing as nouns
from wirestat.crossing import Fate, Passage
from wirestat.model import Side
from wirestat.report import records
from wirestat.report.compared import contract
from wirestat.report.compared.build import Compared


def head(compared: Compared, version: str, where: str = "") -> contract.Head:
    """Make the part of the document that is small for any captures."""
    common = msgspec.structs.asdict(records.head(compared.report, version, where))
    common["schema"] = contract.SCHEMA
    del common["filter"]  # comparisons have no capture filter
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


def crossing(passed: nouns.Crossing) -> contract.Crossing:
    """Make the record of a connection's incidents between the points."""
    fates: dict[Side, Counter[Fate]] = {side: Counter() for side in Side}
    for passage in passed.passages:
        fates[passage.sender][passage.fate] += 1
    return contract.Crossing(
        known_by=passed.known_by,
        backward=passed.backward,
        path=passed.path,
        names=passed.names,
        fates={side: dict(counts) for side, counts in fates.items()},
        passages=tuple(filter(happened, passed.passages)),
    )


def happened(passage: Passage) -> bool:
    """Tell whether anything but delay happened to a segment on its way."""
    return passage.fate is not Fate.ARRIVED or any(leg.reordered or leg.delayed for leg in passage.legs)
