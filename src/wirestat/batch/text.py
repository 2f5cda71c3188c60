"""The summary across all captures, for the terminal."""

from collections.abc import Iterator, Sequence

from wirestat.batch.digest import Common
from wirestat.batch.task import Done
from wirestat.report.layout import View, more, paragraph, table
from wirestat.titles import title
from wirestat.words import some


def lines(
    done: Sequence[Done], found: Sequence[Common], skipped: int, others: int, view: View
) -> Iterator[str]:
    """Yield it line by line: the amount read, the findings with their number of captures, unreadable captures."""
    connections = sum(one.connections for one in done)
    frames = sum(one.frames for one in done)
    head = f"{some(len(done), 'capture')}, {some(frames, 'frame')}, {some(connections, 'connection')}"
    yield view.paint("title", head)
    if skipped:
        yield f"{some(skipped, 'capture')} had been read before, and not read again"
    if others:
        yield f"{some(others, 'file')} in folders and archives did not look like captures"
    yield ""
    yield from _findings(done, found, view)
    bad = [one for one in done if one.reason]
    if bad:
        yield ""
        yield view.paint("title", f"not read, or not to the end: {some(len(bad), 'capture')}")
        for one in bad[: view.limit]:
            yield from paragraph(f"{title(one.name)}: {one.reason}", "  ", view.width, hang="  ")
        yield from more(len(bad[: view.limit]), len(bad), view)


def _findings(done: Sequence[Done], found: Sequence[Common], view: View) -> Iterator[str]:
    if not found:
        yield "nothing wrong was found"
        return
    yield from _table([one for one in found if not one.is_of_the_capture], len(done), view)
    if of_captures := [one for one in found if one.is_of_the_capture]:
        yield ""
        yield view.paint("title", "wrong with the captures themselves")
        yield from _table(of_captures, len(done), view)


def _table(found: Sequence[Common], captures: int, view: View) -> Iterator[str]:
    if not found:
        return
    rows = [("severity", "captures", "certain", "connections", "finding", "for instance in")]
    rows += [
        (
            str(one.severity),
            f"{one.captures} of {captures}",
            str(one.certain),
            str(one.connections),
            f"{one.id} {one.title}",
            title(one.examples[0]),
        )
        for one in found[: view.limit]
    ]
    heading, *body = table(rows, "<>>><<", indent="")
    yield view.paint("faint", heading)
    yield from body
    yield from more(len(rows) - 1, len(found), view)
