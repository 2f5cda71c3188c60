"""Evidence for rules beyond one connection: from others between the same hosts, or of the same socket."""

from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.study.ages import Ages
from wirestat.diagnosis.study.behind import Behind
from wirestat.diagnosis.study.common import Neighbours
from wirestat.diagnosis.study.displaced import Displacements
from wirestat.diagnosis.study.hearing import Hearing
from wirestat.diagnosis.study.once import Once
from wirestat.diagnosis.study.populations import Populations
from wirestat.diagnosis.study.silences import Silences
from wirestat.diagnosis.study.standins import stand_ins
from wirestat.diagnosis.study.tap import Taps
from wirestat.diagnosis.study.trickles import Trickles
from wirestat.diagnosis.study.twins import Twins


class Study:
    """Each part is drawn when it is first asked for."""

    def __init__(self, analysis: Analysis, roll: Roll) -> None:
        """Prepare to ask."""
        self.silences = Silences(analysis, roll)
        self.ages = Ages(analysis, roll)
        self.taps = Taps(analysis)
        self.neighbours = Neighbours(analysis)
        self.populations = Populations(analysis.summary)
        self.once = Once(self.neighbours)
        self.hearing = Hearing(analysis, self.once)
        self.behind = Behind(self.neighbours, self.once)
        self.displacements = Displacements(analysis)
        self.trickles = Trickles(analysis)
        self.twins = Twins(analysis)

    @cached_property
    def stand_ins(self) -> frozenset[str]:
        """The clients for whom somebody near answers in the names of all servers; none where there are too many."""
        return stand_ins(self.neighbours.every())
