"""A story: a page, a capture or two, and what wirestat must say, must not say, and must find at the end."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from inspect import getdoc

from tests.field.talk import Wire

Taps = dict[str, Wire]
"""The captures of a story by name: ``capture`` where there is but one."""


@dataclass(frozen=True)
class Says:
    """A finding that is due."""

    id: str
    """Several that would do, parted by ``|``."""
    words: tuple[str, ...] = ()
    """Texts that its explanation, doubts, rivals or advice hold, each somewhere."""
    confidence: str = "possible"
    """At least so sure."""
    severity: str = "info"
    """At least so grave."""
    fault: str = ""
    count: int = 1
    """It speaks of at least so many connections."""


@dataclass(frozen=True)
class Never:
    """A finding that would be wrong."""

    id: str
    """``D*`` for any, but for those about the capture."""
    words: tuple[str, ...] = ()
    """Wrong only where it says one of these."""
    confidence: str = "possible"
    """Wrong only where it is at least so sure."""
    severity: str = "info"
    """Wrong only where it is at least so grave."""


@dataclass(frozen=True)
class Ends:
    """The states of a connection when the capture ends."""

    client: str
    """Address and port."""
    states: tuple[str, str]
    """Client's and server's; several that would do are parted by ``|``."""
    incarnation: int = 1


Expected = Says | Never | Ends


@dataclass(frozen=True)
class Story:
    """One story."""

    name: str
    page: str
    tell: Callable[[Taps], None]
    expected: tuple[Expected, ...]
    taps: tuple[str, ...] = ("capture",)
    judged: tuple[str, ...] = ("capture",)
    """The taps that are read: two or more are compared."""
    is_kept: bool = True
    """Whether its captures are kept under ``pcaps/field``; else they are made when it is tested."""

    def captures(self) -> Taps:
        """Write down what each tap sees."""
        taps = {name: Wire() for name in self.taps}
        self.tell(taps)
        return taps

    def expectations(self) -> dict[str, object]:
        """Return what is expected, as it is kept beside the capture."""
        kinds = {"says": Says, "never": Never, "ends": Ends}
        listed = {
            key: [asdict(one) for one in self.expected if isinstance(one, kind)]
            for key, kind in kinds.items()
        }
        return {"judged": list(self.judged), **listed}


STORIES: dict[str, Story] = {}
"""Every story by its name."""


@dataclass
class _Entry:
    expected: Sequence[Expected]
    taps: tuple[str, ...] = ("capture",)
    judged: tuple[str, ...] = field(default=())
    is_kept: bool = True


def story(
    *expected: Expected, kept: bool = True
) -> Callable[[Callable[[Wire], None]], Callable[[Wire], None]]:
    """Enter a story that one tap saw; ``kept``: its capture has a folder under ``pcaps/field``."""

    def enter(tell: Callable[[Wire], None]) -> Callable[[Wire], None]:
        _add(tell, lambda seen: tell(seen["capture"]), _Entry(expected, is_kept=kept))
        return tell

    return enter


def compared(
    *expected: Expected, taps: tuple[str, ...], judged: tuple[str, ...], kept: bool = True
) -> Callable[[Callable[[Taps], None]], Callable[[Taps], None]]:
    """Enter a story that several taps saw."""

    def enter(tell: Callable[[Taps], None]) -> Callable[[Taps], None]:
        _add(tell, tell, _Entry(expected, taps, judged, kept))
        return tell

    return enter


def _add(named: Callable[..., None], tell: Callable[[Taps], None], entry: _Entry) -> None:
    name = named.__name__.replace("_", "-")
    if name in STORIES:
        raise ValueError(f"{name} is told twice")
    judged = entry.judged or entry.taps
    STORIES[name] = Story(
        name, getdoc(named) or "", tell, tuple(entry.expected), entry.taps, judged, entry.is_kept
    )
