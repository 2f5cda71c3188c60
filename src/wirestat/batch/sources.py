"""The captures to read: files, folders, patterns, addresses, lists on standard input, and members of archives."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from wirestat.batch import members, remote
from wirestat.errors import InputError, UsageError

_ENOUGH = 8
_CAPTURES = (
    b"\xd4\xc3\xb2\xa1",  # pcap
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",  # pcap with ns
    b"\xa1\xb2\x3c\x4d",
    b"\x34\xcd\xb2\xa1",  # pcap as Alexey Kuznetsov patched it
    b"\xa1\xb2\xcd\x34",
    b"\x0a\x0d\x0d\x0a",  # pcapng
    b"snoop\0\0\0",
)
_COMPRESSED = (
    b"\x1f\x8b",  # gzip
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\xfd7zXZ\0",  # xz
    b"\x04\x22\x4d\x18",  # lz4
)
_CALLED = (".pcap", ".pcapng", ".ntar")
_LIKELY = ("cap", "pcap", "pcapng", "snoop", "ntar", "dump")
"""How one of a compressed capture's extensions begins: compressed files of other names are not taken for captures."""


class Input(msgspec.Struct, frozen=True):
    """One capture to read."""

    name: str
    """Its name in reports; of a member of an archive, the archive's name, a slash and its own."""
    path: str
    """The file, or the archive that contains it."""
    member: str | None
    """Its name in the archive."""
    size: int
    """Bytes on disk, or uncompressed in the archive; 0 if unknown."""
    failure: str | None = None
    """The reason why it cannot be read, if already known."""


class Found(msgspec.Struct):
    """The sources that were found, and the files that were left out."""

    sources: list[Input] = []
    others: int = 0
    """Files in folders and archives that do not look like captures."""


def find(named: Iterable[str], listed: Iterable[bytes] = (), spare: Path | None = None) -> Found:
    """Look for captures, in the order of their names within each folder.

    Args:
        named: files, folders (read with all below them) and patterns; a file that is named is a source even if it
            does not look like a capture, or is not there: reading it says what is wrong.
        listed: lines that name more of them, ended by newlines or NULs.
        spare: a folder to leave out, since results are written there.

    Raises:
        UsageError: a pattern matches nothing.
    """
    found = Found()
    seen: set[tuple[str, str | None]] = set()
    for name in [*named, *_lines(listed)]:
        for path in _expand(name):
            for source in _sources(path, found, spare):
                path_of = source.path if remote.is_remote(source.path) else os.path.realpath(source.path)
                place = (path_of, source.member)
                if place not in seen:
                    seen.add(place)
                    found.sources.append(source)
    return found


def _lines(listed: Iterable[bytes]) -> Iterator[str]:
    for line in b"".join(listed).replace(b"\0", b"\n").splitlines():
        if line.strip():
            yield os.fsdecode(line)


def _expand(name: str) -> list[str]:
    """Expand a pattern; a file of exactly that name takes precedence."""
    if os.path.lexists(name) or not glob.has_magic(name) or remote.is_remote(name):
        return [name]
    paths = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  # Path.glob takes no whole path as a pattern
    if not paths:
        raise UsageError(f"no file matches {name}", hint="quote a pattern, or let the shell expand it")
    return paths


def _sources(name: str, found: Found, spare: Path | None) -> Iterator[Input]:
    if remote.is_remote(name) and not os.path.lexists(name):
        yield from _elsewhere(name, found)
        return
    path = Path(name)
    if not path.is_dir():
        yield from _file(name, found) if members.is_archive(path) else [_plain(path, name)]
        return
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and here / each != spare)
        for each in sorted(files):
            inside = here / each
            if each.startswith(".") or not (inside.is_file() or _leads_nowhere(inside)):
                continue
            if members.is_archive(inside):
                yield from _file(str(inside), found)
            elif _looks_like_a_capture(inside):
                yield _plain(inside, str(inside))
            else:
                found.others += 1


def _elsewhere(address: str, found: Found) -> Iterator[Input]:
    """List the files at or below an address; one that cannot be listed becomes a source that fails."""
    try:
        for name, size, is_named in list(remote.listing(address)):
            if is_named or _begins_like_a_capture(name):
                yield Input(name, name, None, size)
            else:
                found.others += 1
    except InputError:
        yield Input(address, address, None, 0)


def _begins_like_a_capture(address: str) -> bool:
    try:
        with remote.opened(address) as stream:
            return _is_capture(address.rpartition("/")[2], stream.read(_ENOUGH))
    except (InputError, OSError):
        return False


def _plain(path: Path, name: str) -> Input:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return Input(name, name, None, size)


def _file(name: str, found: Found) -> Iterator[Input]:
    """List the captures in an archive; one that cannot be opened becomes a source that fails."""
    try:
        for member in members.listing(name):
            if _is_capture(member.name, member.head):
                yield Input(f"{name}/{member.name}", name, member.name, member.size, member.failure)
            else:
                found.others += 1
    except members.BROKEN as error:
        yield msgspec.structs.replace(_plain(Path(name), name), failure=members.reason(error))


def _leads_nowhere(path: Path) -> bool:
    """Whether a path has the name of a capture and is a dangling link."""
    return path.is_symlink() and not path.exists() and path.name.lower().endswith(_CALLED)


def _looks_like_a_capture(path: Path) -> bool:
    if path.name.lower().endswith(_CALLED):
        return True
    try:
        with path.open("rb") as stream:
            return _is_capture(path.name, stream.read(_ENOUGH))
    except OSError:
        return False


def _is_capture(name: str, head: bytes) -> bool:
    """Whether a file begins like a capture or has the name of one: empty and damaged ones are reported."""
    if head.startswith(_CAPTURES) or name.lower().endswith(_CALLED):
        return True
    return head.startswith(_COMPRESSED) and any(
        part.startswith(_LIKELY) for part in name.lower().split(".")[1:]
    )
