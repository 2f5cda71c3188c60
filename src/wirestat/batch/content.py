"""The identity of a capture: its content, independent of path and name."""

import hashlib
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from wirestat.batch import members, remote
from wirestat.batch.sources import Input
from wirestat.errors import InputError

_WHOLE = 64 << 20
"""The size up to which all bytes are hashed; hashing costs about a tenth of tracking."""
_AT_ONCE = 1 << 20
_PIECES = 64
_PIECE = 64 << 10


def key_of_all(sources: Iterable[Input]) -> str | None:
    """Return the identity of a capture of several files; ``None`` if one of them cannot be read."""
    keys = [key(source) for source in sources]
    return None if None in keys else "+".join(filter(None, keys))


def key(source: Input) -> str | None:
    """Return the identity of a capture; ``None`` if it cannot be read.

    Up to 64 MB it is a digest of all bytes. For a larger capture it is a digest of 64 pieces, evenly apart, of the
    length, and of the time of the last change: reading a terabyte twice would cost more than it saves. For a remote
    capture it is the value that its server gives.
    """
    if source.failure is not None:
        return None
    try:
        if remote.is_remote(source.path):
            return remote.digest(source.path)
        if source.member is None:
            return _of_file(Path(source.path))
        return _of_member(source.path, source.member)
    except (*members.BROKEN, KeyError, InputError):
        return None


def _of_file(path: Path) -> str:
    info = path.stat()
    return _of_content(path, info.st_size, info.st_mtime_ns)


@lru_cache(1)  # an archive is asked about once for each member
def _of_content(path: Path, length: int, changed_ns: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb", buffering=0) as stream:
        if length <= _WHOLE:
            # Allocating a whole mebibyte costs more than reading a small capture.
            while piece := stream.read(min(_AT_ONCE, length + 1)):
                digest.update(piece)
            return digest.hexdigest()
        digest.update(f"{length} {changed_ns}".encode())
        for number in range(_PIECES):
            stream.seek(number * (length - _PIECE) // (_PIECES - 1))
            digest.update(stream.read(_PIECE))
    return digest.hexdigest()


def _of_member(name: str, member: str) -> str:
    """Make the identity of a member: a zip has its checksum; a tar has none, so the tar's own identity counts."""
    digest = hashlib.blake2b(digest_size=16)
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(name) as archive:
            info = archive.getinfo(member)
        digest.update(f"{info.CRC} {info.file_size} {member}".encode())
    else:
        digest.update(f"{_of_file(Path(name))} {member}".encode())
    return digest.hexdigest()
