"""One end as one tap saw it, judged in every respect."""

from __future__ import annotations

import itertools

from wirestat.model import Connection, Endpoint

from .alignment import Alignment, align
from .reach import Reach
from .replay import MARKS, Claim, Replay, told_of
from .spans import Steps, WrongSpan, compare, is_in, told_at
from .tally import Disagreement, FinalTruth, Score
from .truth import TrueConnection
from .witnesses import NOISE_NS, Grade

PROVEN = ("seen", "confirmed")
PAUSE_NS = 20_000_000
"""A pause between two captured frames of at least this length is also checked at its middle."""


class Judge:
    """Compares one end of a reported connection with the truth, within reach."""

    def __init__(
        self, case: str, true: TrueConnection, reach: Reach, said: Replay, connection: Connection
    ) -> None:
        """Look the end up by its address: who is client and who server is judged with the states."""
        self.case, self.true, self.reach, self.said, self.connection = case, true, reach, said, connection
        self.endpoint = self._endpoint()
        self.address = (self.endpoint.address, self.endpoint.port)
        self.claims = told_of(connection, self.address)
        self.alignment = align(reach, self.claims)
        self.score = Score()

    def _endpoint(self) -> Endpoint:
        ends = (self.connection.client, self.connection.server)
        return next(end for end in ends if (end.address, end.port) == self.reach.end.at(self.reach.tap))

    def judge(self) -> Score:
        """Everything."""
        excused = [c for c in self.alignment.invented if self._is_excused(c)]
        self._sequence(self.alignment, excused)
        self._final(bool(excused))
        self._time(self._excused_spans(excused))
        self._calibration()
        return self.score

    def _is_excused(self, claim: Claim) -> bool:
        return claim.kind not in PROVEN and self.reach.is_excused(claim.time_ns, claim.frame, claim.to)

    def _sequence(self, alignment: Alignment, excused: list[Claim]) -> None:
        invented = [claim for claim in alignment.invented if claim not in excused]
        is_right = not alignment.missed and not invented
        self.score.ratios["sequence"].count(is_right)
        if not is_right:
            note = []
            if alignment.missed:
                note.append("missed " + " ".join(r.move.after for r in alignment.missed))
            if invented:
                note.append("invented " + ", ".join(f"{c.to} by frame {c.frame}" for c in invented))
            self._disagree("sequence", self._true_sequence(), self._told_sequence(), "; ".join(note))

    def _excused_spans(self, excused: list[Claim]) -> list[tuple[int, int]]:
        """The spans in which nothing at the tap could show that the report is wrong.

        A span begins at a presumption that nothing disproves any more. One also begins at a presumption that came
        true only later, and ends there, if neither end sent a segment that tells.
        """
        spans = [(claim.time_ns, self.reach.ends_ns + 1) for claim in excused]
        for reached, claim in self.alignment.pairs:
            start, stop = claim.time_ns, reached.from_ns
            told = self.reach.is_repeated(claim.frame, stop) or not self.reach.is_silent(
                start, stop - NOISE_NS
            )
            if start < stop and not told:
                spans.append((start, stop))
        return spans

    def _final(self, by_excuse: bool) -> None:
        if self.reach.in_flight:
            return
        right, uncertain = self.reach.final()
        told, others = str(self.endpoint.state), {str(state) for state in self.endpoint.or_since}
        uncertain |= by_excuse and told not in right
        is_right = bool(({told} | others) & right) if uncertain else told in right
        measure = "uncertain" if uncertain else "final"
        self._take_down(right, {told} | (others if uncertain else set()))
        self.score.ratios[measure].count(is_right)
        if not is_right:
            alternatives = f" or {', '.join(sorted(others))}" if others else ""
            self._disagree(measure, " or ".join(sorted(right)), told + alternatives, self._true_sequence())

    def _take_down(self, right: set[str], told: set[str]) -> None:
        reach = self.reach
        final = FinalTruth(
            reach.tap,
            self.true,
            self.address,
            reach.begins_ns,
            reach.ends_ns,
            frozenset(right),
            frozenset(told),
        )
        self.score.finals.append(final)

    def _time(self, excused: list[tuple[int, int]]) -> None:
        afterwards: Steps = [(claim.time_ns, claim.to) for claim in self.claims]
        before = str(self.endpoint.first_state)
        live = self.said.live[self.connection.id, self.address]
        for measure, steps, first, spans in (
            ("time", afterwards, before, excused),
            ("live", live, "UNKNOWN", []),
        ):
            agreement, wrong = compare(self.reach, steps, first, spans)
            if agreement.share is not None:
                self.score.ratios[measure].count(agreement.share)
            self._wrong_spans(measure, wrong)
        times = [j.passed[self.reach.tap][0] for j in self.reach.travels.at(self.reach.tap)]
        for start, stop in itertools.pairwise(times):
            middle = (start + stop) // 2
            inside = self.reach.begins_ns <= middle <= self.reach.ends_ns and not is_in(middle, excused)
            if inside and stop - start >= PAUSE_NS:
                is_right = told_at(afterwards, before, middle) in self.reach.right_at(middle)
                self.score.ratios["instants"].count(is_right)

    def _wrong_spans(self, measure: str, spans: list[WrongSpan]) -> None:
        for span in spans:
            length_ms = (span.until_ns - span.from_ns) / 1e6
            at_s = (span.from_ns - self.connection.first_time_ns) / 1e9
            self._disagree(
                measure, " or ".join(span.right), span.told, f"for {length_ms:.1f} ms from {at_s:.3f} s on"
            )

    def _calibration(self) -> None:
        proven: set[tuple[str, str, int]] = set()
        for claim in self.claims:
            is_right = self.alignment.tells(claim) or claim not in self.alignment.invented
            kind = "proven" if claim.kind in PROVEN else claim.kind
            self.score.ratios[kind].count(is_right)
            if kind == "proven":
                proven.add((claim.from_state, claim.to, claim.frame))
                if not is_right:
                    self._disagree(
                        "proven", self._true_sequence(), self._told_sequence(), f"{claim.kind}: {claim}"
                    )
        for claim in self.said.live_claims[self.connection.id]:
            key = (claim.from_state, claim.to, claim.frame)
            if claim.address == self.address and claim.kind in PROVEN and key not in proven:
                proven.add(key)
                is_right = any(r.move.after == claim.to for r in self.reach.moves)
                self.score.ratios["proven"].count(is_right)
                if not is_right:
                    self._disagree(
                        "proven", self._true_sequence(), str(claim), "claimed live, taken back later"
                    )

    def _disagree(self, measure: str, truth: str, told: str, note: str) -> None:
        self.score.disagreements.append(
            Disagreement(
                self.case, self.reach.tap, self.true.label, self.reach.end.side, measure, truth, told, note
            )
        )

    def _true_sequence(self) -> str:
        """True moves; those beyond the tap in parentheses, those after its last frame in brackets."""
        words = [self.reach.initial]
        for reached in self.reach.moves:
            word = reached.move.after
            if reached.from_ns > self.reach.ends_ns:
                word = f"[{word}]"
            words.append(
                word
                if reached.is_knowable
                else f"({word}?)"
                if reached.grade is Grade.DOUBTFUL
                else f"({word})"
            )
        return " ".join(words)

    def _told_sequence(self) -> str:
        """Told moves, each with the frame and ! seen, + confirmed, ? presumed, ~ implied, @ timer."""
        return " ".join(
            [str(self.endpoint.first_state), *(f"{c.to}{MARKS[c.kind]}{c.frame}" for c in self.claims)]
        )
