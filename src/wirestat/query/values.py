"""Parses the values that a field is compared with, by the kind of field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from wirestat.errors import UsageError
from wirestat.model import Severity
from wirestat.names import GROUPS, parse_states
from wirestat.query.fields import FilterField, Kind
from wirestat.query.mistakes import mistake, nearest
from wirestat.query.tokens import Token
from wirestat.query.tree import End, Known, Span, Test
from wirestat.sizes import size
from wirestat.tables.schema import FIXED
from wirestat.timers import SECOND, duration

LEAST, MOST = -(1 << 63), (1 << 63) - 1
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_FINE = re.compile(r"([0-9]{1,15})(us|µs|ns)", re.ASCII)
_FINE_NS = {"us": 1000, "µs": 1000, "ns": 1}
_YES = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Worded(NamedTuple):
    """A field as it was typed."""

    text: str
    """The whole expression."""
    token: Token
    field: FilterField
    end: End | None


class Values:
    """Makes tests of one field."""

    def __init__(self, what: Worded, known: Known) -> None:
        """Take a field, and the diagnoses that may be named."""
        self._what = what
        self._field = what.field
        self._known = known

    def test(self, spans: tuple[Span, ...] = (), texts: tuple[str, ...] = ()) -> Test:
        """Make a test for parsed values; those that no column can hold are left out."""
        held = tuple(
            (max(low, LEAST), min(high, MOST)) for low, high in spans if low <= MOST and high >= LEAST
        )
        return Test(self._field, self._what.end, held, texts)

    def there(self) -> Test:
        """Make a test for any value other than 0 or false."""
        kind = self._field.kind
        if kind is Kind.ADDRESS:
            raise self._wrong(self._what.token, f"{self._field.name} is compared with a value")
        if kind in (Kind.NAME, Kind.SET, Kind.FINDING, Kind.SEVERITY):
            return self.test(((0, MOST),))
        if kind is Kind.TUNNEL:
            return self.test(((0, MOST),), ())
        return self.test(((LEAST, -1), (1, MOST)))

    def equal(self, token: Token, any_for: str | None = None) -> Test:
        """Make a test for one value, or for those of a network or group; ``any_for`` stands for all."""
        if token.text == any_for:
            return self.test(((0, MOST if self._field.names is None else self._last_code()),))
        match self._field.kind:
            case Kind.ADDRESS:
                return self.test(texts=self._net(token))
            case Kind.TUNNEL:
                return self.test(texts=(token.text,))
            case Kind.FINDING:
                return self.test(texts=(self._finding(token),))
            case Kind.NAME | Kind.SET:
                return self.test(tuple((code, code) for code in self._codes(token)))
        number = self._possible(token)
        return self.test(((number, number),))

    def between(self, low: Token, high: Token) -> Test:
        """Make a test for a range of values, both ends included."""
        if self._field.kind is Kind.ADDRESS:
            first, last = self._net(low)[0], self._net(high)[1]
            one, other = ip_address(first), ip_address(last)
            if one.version != other.version or int(one) > int(other):
                raise self._wrong(high, f"nothing lies between {low.text} and {high.text}")
            return self.test(texts=(first, last))
        if not self._field.kind.is_ordered:
            raise self._wrong(high, f"{self._field.name} has no order, so nothing lies between two values")
        span = self._possible(low), self._possible(high)
        if span[0] > span[1]:
            raise self._wrong(high, f"nothing lies between {low.text} and {high.text}")
        return self.test((span,))

    def ordered(self, operator: Token, token: Token) -> Test:
        """Make a test for smaller or larger values."""
        if not self._field.kind.is_ordered:
            raise self._wrong(operator, f"{self._field.name} has no order", "== and != compare it, and 'in'")
        number = self._number(token)
        return self.test(
            ({
                "<": (LEAST, number - 1),
                "<=": (LEAST, number),
                ">": (number + 1, MOST),
                ">=": (number, MOST),
            }[operator.kind],)
        )  # fmt: skip

    def _wrong(self, token: Token, why: str, hint: str | None = None) -> UsageError:
        return mistake(self._what.text, token.at, token.length, why, hint)

    def _possible(self, token: Token) -> int:
        """Read a number that the field may have."""
        number, most = self._number(token), self._field.most
        if most is not None and not 0 <= number <= most:
            raise self._wrong(token, f"{self._field.name} is a number from 0 to {most}, and not {token.text}")
        return number

    def _number(self, token: Token) -> int:
        match self._field.kind:
            case Kind.SPAN:
                return self._span(token)
            case Kind.TIME:
                return self._time(token)
            case Kind.BYTES:
                return self._bytes(token)
            case Kind.FLAG:
                return self._one_of(token, _YES)
            case Kind.SEVERITY:
                return self._one_of(token, {severity.value: severity.rank for severity in Severity})
        if not _NUMBER.fullmatch(token.text):
            hint = "ports have no names here: 443, and not https" if self._field.name == "port" else None
            raise self._wrong(
                token, f"{self._field.name} is a number without a unit, and not {token.text!r}", hint
            )
        return int(token.text)

    def _span(self, token: Token) -> int:
        if fine := _FINE.fullmatch(token.text):
            return int(fine[1]) * _FINE_NS[fine[2]]
        if _NUMBER.fullmatch(token.text) and int(token.text):
            raise self._wrong(
                token, f"{self._field.name} takes a unit", f"{token.text}s, {token.text}ms, {token.text}m"
            )
        try:
            return duration(token.text)
        except UsageError as error:
            raise self._wrong(token, str(error), error.hint) from None

    def _bytes(self, token: Token) -> int:
        read = size(token.text)
        if read is None:
            raise self._wrong(token, f"{token.text!r} is not a size", "write it as 1500, 64k, 1.5M or 2GiB")
        return min(read, MOST)

    def _time(self, token: Token) -> int:
        try:
            if _NUMBER.fullmatch(token.text.partition(".")[0]):
                return duration(token.text)
            moment = datetime.fromisoformat(token.text)
        except (UsageError, ValueError):
            raise self._wrong(
                token, f"{token.text!r} is no point in time", "write 2026-01-02T03:04:05Z, or epoch seconds"
            ) from None
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
        return since // timedelta(microseconds=1) * (SECOND // 1_000_000)

    def _one_of(self, token: Token, codes: dict[str, int]) -> int:
        code = codes.get(token.text.lower())
        if code is None:
            hint = nearest(token.text, codes) or f"it is one of {', '.join(codes)}"
            raise self._wrong(token, f"{self._field.name} is never {token.text!r}", hint)
        return code

    def _codes(self, token: Token) -> list[int]:
        names = FIXED[self._field.names or ""]
        if self._field.names == "states":
            try:
                states = parse_states([token.text])
            except UsageError as error:
                hint = nearest(token.text, (*names, *GROUPS)) or error.hint
                raise self._wrong(token, f"there is no state {token.text!r}", hint) from None
            return [code for code, name in enumerate(names) if name in states]
        plain = token._replace(text=_plain(token.text))
        return [self._one_of(plain, {_plain(name): code for code, name in enumerate(names)})]

    def _last_code(self) -> int:
        return len(FIXED[self._field.names or ""]) - 1

    def _finding(self, token: Token) -> str:
        known = {name.lower(): id for name, id in self._known.findings.items()}
        id = known.get(token.text.lower())
        if id is None:
            raise self._wrong(
                token, f"there is no diagnosis {token.text!r}", nearest(token.text, self._known.findings)
            )
        return id

    def _net(self, token: Token) -> tuple[str, str]:
        try:
            net = ip_network(token.text, strict=False)
        except ValueError:
            raise self._wrong(
                token,
                f"{token.text!r} is neither an address nor a net",
                "10.0.0.1, 10.0.0.0/8, 2001:db8::/32",
            ) from None
        return str(net.network_address), str(net.broadcast_address)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
