"""Pages and pictures generated from the code.

``docs/diagnoses.md`` comes from the docstrings of the rules, ``docs/machine.md`` from the tracker's table and
``rfc9293.py``, ``docs/tables.md`` from the schema of the columns, ``docs/foreign.md`` from verdicts on findings, the
pictures of rooms from their imports, the other pictures from captures.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import modules
from foreign import foreign

import wirestat
from wirestat import facts, tracker
from wirestat.diagnosis.makers import MAKERS
from wirestat.diagnosis.manual import catalogue
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.study.known import CLIENT_TIMEOUTS, PATH_TIMEOUTS, SERVER_TIMEOUTS
from wirestat.names import Dialect
from wirestat.report import machine as document, witness
from wirestat.report.draw import ladder as ladders, machine as figures, timeline as timelines
from wirestat.report.judgements import FINDINGS
from wirestat.report.layout import View
from wirestat.spans import span
from wirestat.tables.schema import FIXED, SCHEMA, Field, Layout
from wirestat.timers import LINUX, PROFILES, SECOND, Timers

MACHINE = """# The machine

wirestat is a witness: it sees packets pass, and infers the state of each end by the table in
`src/core/tcp/machine/table.rs`. RFC 9293 is the document: it says what an end has to do. Only the report compares the
two. `docs/build.py` generates this page from both; `wirestat states --machine` and `wirestat states` print the same.

## What the witness concludes

A line is solid if the end's own segment shows the change, dotted if the change is presumed or implied, thick if a
timer expired. Cues that confirm or retract a presumed change are only in the table below.

```mermaid
{witness}
```

## The diagram of RFC 9293

```mermaid
{document}
```

## The table, row by row

| when an end, being in | has this cue | then | because |
|---|---|---|---|
{rows}

## Alternative states

The believed state is not always the only one that fits. The second table, `src/core/tcp/machine/alternatives.rs`,
lists the others that a report names beside it. It is evaluated at an instant: silence is evidence too.

Losses are learnt from within one connection, and not from one connection for the next. In the captures of the
repository 2,870 presumptions came after two of the same kind had been disproved on other connections of their path:
nine in ten of them held.

| an end believed to be in | may also be in | when | because |
|---|---|---|---|
{alternatives}

## The numbers that inference compares with

They are in `src/core/tcp/machine/thresholds.rs`. A source that begins with *judgement* is not a document: the number
was chosen, for the reason that follows. The timers of a profile are at the end of this page.

| number | value | why | source |
|---|---:|---|---|
{thresholds}

## Facts

Facts are observations that change no state. Rules judge them: [diagnoses.md](diagnoses.md).

| fact | of | meaning | figure |
|---|---|---|---|
{facts}

## Timers

`--timers` selects a profile, `--timer` changes one value. Durations are in seconds; 0 means never.

| timer | {profiles} |
|---|{rules}
{timers}
"""
ROOT = Path(__file__).parent.parent
_LABEL = re.compile(r"^(What it means|Why it matters|Rivals|What to do|See it|RFC 9293): (.)", re.MULTILINE)
_DIAGNOSIS = re.compile(r"\bD\d\d\b")


def diagnoses() -> str:
    """Return ``diagnoses.md``."""
    rules = catalogue()
    rows = "\n".join(f"| [{rule.id}](#{_anchor(rule)}) | {rule.title} | {rule.severity} |" for rule in rules)
    pages = "\n\n".join(_page(rule) for rule in rules)
    return (
        "# Diagnoses\n\n"
        "All diagnoses of wirestat, generated from the rules by `docs/build.py`. "
        "`wirestat explain D05` shows the same page in a terminal.\n\n"
        f"| id | diagnosis | usual severity |\n|---|---|---|\n{rows}\n\n{pages}\n\n"
        "## Well-known time-outs\n\n"
        "A silence of such a length suggests this time-out, no more: these are defaults, and can be changed.\n\n"
        f"| after | whose | of | source |\n|---:|---|---|---|\n{_timeouts()}\n"
    )


def _timeouts() -> str:
    """Return the known time-outs as rows of a table, the shortest first."""
    tables = {"the way": PATH_TIMEOUTS, "a server": SERVER_TIMEOUTS, "a client": CLIENT_TIMEOUTS}
    rows = sorted((seconds, owner, of) for of, known in tables.items() for seconds, owner in known.items())
    return "\n".join(
        f"| {span(seconds * SECOND)} | {owner} | {of} | {MAKERS[owner].source} |"
        for seconds, owner, of in rows
    )


def _page(rule: Rule) -> str:
    text = rule.page.replace("``", "`")
    text = _LABEL.sub(lambda match: f"**{match[1]}.** {match[2].upper()}", text)
    text = _DIAGNOSIS.sub(lambda match: _link(match.group()), text)
    return f"## {rule.id} {rule.title}\n\n`{rule.name}`, usually {rule.severity}\n\n{text}"


def _link(id: str) -> str:
    linked = next(rule for rule in catalogue() if rule.id == id)
    return f"[{id}](#{_anchor(linked)})"


def _anchor(rule: Rule) -> str:
    words = re.sub(r"[^\w\- ]", "", f"{rule.id} {rule.title}".lower())
    return words.replace(" ", "-")


_TABLES = """# Tables

The tracker's data as typed columns, generated from their description by `docs/build.py`. `report.tables` returns them
([api.md](api.md#columns)): for code that reads many connections and shows few.

* A column is a buffer of values of the given type. `u8` to `u64` and `i64` are numbers in the machine's byte order,
  `bool` is a byte of 0 or 1.
* A number with a dictionary is an index into its names, from 0. The dictionaries are listed below; `addresses` and
  `tunnels` come with the columns.
* A `set` holds names of its dictionary: name *n* is in the set if bit *n* % 8 of byte *n* / 8 is set. The number
  after `set` is its size in bytes.
* `counts` holds a `u64` for each name of its dictionary.
* A missing value is stored as the value under *null*.
* Times are nanoseconds since the Unix epoch. Frames count from 1, as in Wireshark.

[Exported files](export.md) have all of these columns of `connections`, `transitions`, `findings` and `listeners`, and
in `connections` one more: `findings`, the diagnoses of the findings about it.
"""


def tables() -> str:
    """Return ``tables.md``."""
    layouts = [*map(_layout, SCHEMA.values()), _layout(FINDINGS)]
    return "\n".join([_TABLES, *layouts, "## Dictionaries\n", _dictionaries()])


def _layout(layout: Layout) -> str:
    """Return the section of one table; columns that both ends have are listed once."""
    rows = [
        _column(field)
        for field in layout.fields
        if not (layout.name == "connections" and field.name.startswith("server_"))
    ]
    lines = ["| column | type | unit | null | dictionary | |", "|---|---|---|---|---|---|", *rows]
    return f"## {layout.name}\n\n{layout.meaning}{_note(layout)}\n\n" + "\n".join(lines) + "\n"


def _note(layout: Layout) -> str:
    if layout.name == "connections":
        return " The columns that begin with `client_` are repeated for the other end, with `server_`."
    if layout.name == "findings":
        return " Only files have it; `report.findings` has the same as objects."
    is_of_connection = layout.fields[0].name == "connection"
    return " `offsets` says where the rows of each connection begin." if is_of_connection else ""


def _column(field: Field) -> str:
    kind = f"{field.type} {field.width}" if field.type == "set" else field.type
    kind, names = ("text", "") if _is_text(field) else (kind, field.dictionary or "")
    null = "" if field.null is None else str(field.null)
    name = f"`{field.name}`"
    return f"| {name} | {kind} | {field.unit or ''} | {null} | {names} | {field.meaning} |"


def _is_text(field: Field) -> bool:
    """Tell whether the dictionary is private to one text column, and so has no names to list."""
    return field.dictionary == field.name and field.dictionary not in FIXED


def _dictionaries() -> str:
    return (
        "\n".join(
            f"* `{name}`: " + ", ".join(f"{number} {word}" for number, word in enumerate(words)) + "."
            for name, words in FIXED.items()
        )
        + "\n"
    )


def machine() -> str:
    """Return ``machine.md``."""
    parts, view, names = tracker.machine(), View(), Dialect.LINUX
    return MACHINE.format(
        witness="\n".join(witness.mermaid(parts, LINUX, view)),
        document="\n".join(document.mermaid(View(names=Dialect.RFC))),
        rows="\n".join(
            f"| {witness.among(row.states, names)} | {row.cue} | {witness.effect(row, names)} | {row.because} |"
            for row in parts.rows
        ),
        alternatives="\n".join(
            f"| {witness.among(row.states, names)} | {witness.other(row, names)} | {row.when} | {row.because} |"
            for row in parts.alternatives
        ),
        thresholds="\n".join(
            f"| `{number.name}` | {witness.amount(number)} | {number.why} | {number.source} |"
            for number in parts.thresholds
        ),
        facts="\n".join(_facts()),
        profiles=" | ".join(PROFILES),
        rules="---:|" * len(PROFILES),
        timers="\n".join(_timers()),
    )


def _facts() -> Iterator[str]:
    for words, of in ((facts.CONNECTION_FACTS, "the connection"), (facts.ENDPOINT_FACTS, "an end")):
        for fact, meaning in words.items():
            yield f"| `{fact}` | {of} | {meaning} | {facts.FIGURES.get(fact, '')} |"


def _timers() -> Iterator[str]:
    """Yield a row for each timer, with its value in each profile."""
    for field in Timers.__struct_fields__[1:]:
        unit = SECOND if field.endswith("_ns") else 1
        values = " | ".join(f"{getattr(profile, field) / unit:g}" for profile in PROFILES.values())
        yield f"| `{field.removesuffix('_ns')}` | {values} |"


def ladder() -> str:
    """Return ``ladder.svg``: the connection of the README's first example."""
    report = wirestat.analyze(ROOT / "pcaps/last-ack-lost-once/middle.pcap", trace=1)
    return "\n".join([*ladders.render(report, report.connection(1), Dialect.LINUX), ""])


def states() -> str:
    """Return ``states.svg``."""
    return "\n".join([*figures.documented(Dialect.LINUX), ""])


def timeline() -> str:
    """Return ``timeline.svg``: five connections that stopped in different ways."""
    names = (
        "close-wait-leak/middle",
        "last-ack-lost/client",
        "refused/middle",
        "syn-lost/client",
        "mid-stream/middle",
    )
    report = wirestat.analyze(*(ROOT / f"pcaps/{name}.pcap" for name in names))
    connections = list(report.connections())
    return "\n".join([*timelines.render(report, connections, len(connections), Dialect.LINUX), ""])


PAGES: dict[str, Callable[[], str]] = {
    "docs/machine.md": machine,
    "docs/diagnoses.md": diagnoses,
    "docs/tables.md": tables,
    "docs/foreign.md": foreign,
    "docs/ladder.svg": ladder,
    "docs/states.svg": states,
    "docs/timeline.svg": timeline,
    "docs/rooms-of-core.svg": lambda: "\n".join([*modules.core(), ""]),
    "docs/rooms-of-package.svg": lambda: "\n".join([*modules.package(), ""]),
}
"""Every generated page and picture, by path."""
