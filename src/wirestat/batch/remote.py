"""Remote captures, at addresses such as ``s3://bucket/capture.pcap`` that fsspec can open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from wirestat.errors import InputError, Unavailable

_HINT = "pip install 'wirestat[dask]', and what fsspec names for that kind of address, as s3fs for s3://"


def is_remote(name: str) -> bool:
    """Whether a name is an address, not a path.

    >>> is_remote("s3://bucket/a.pcap"), is_remote("/srv/a.pcap")
    (True, False)
    """
    scheme, found, _ = name.partition("://")
    return bool(found) and scheme.isalnum()


def listing(address: str) -> Iterator[tuple[str, int, bool]]:
    """Yield each file at or below an address: its address, its size in bytes, and whether it was named itself.

    Raises:
        InputError: there is none, or it cannot be asked for.
        Unavailable: fsspec, or what it takes for such addresses, is not installed.
    """
    system, path = _system(address)
    with _errors(address):
        if any(each in path for each in "*?["):
            paths, is_named = sorted(system.glob(path)), False
        elif system.isdir(path):
            paths, is_named = sorted(system.find(path)), False
        else:
            paths, is_named = [path], True
        for each in paths:
            info = system.info(each)
            if info["type"] == "file":
                yield system.unstrip_protocol(each), int(info["size"] or 0), is_named


def opened(address: str) -> IO[bytes]:
    """Open a file for reading with random access.

    Raises:
        InputError: it cannot be opened.
        Unavailable: fsspec, or what it takes for such addresses, is not installed.
    """
    system, path = _system(address)
    with _errors(address):
        stream: IO[bytes] = system.open(path, "rb", cache_type="readahead", block_size=8 << 20)
        return stream


def digest(address: str) -> str:
    """Return a value that changes with the file, as far as its server gives one.

    Raises:
        InputError: it cannot be asked for.
        Unavailable: fsspec, or what it takes for such addresses, is not installed.
    """
    system, path = _system(address)
    with _errors(address):
        return str(system.ukey(path))


def _system(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise Unavailable("fsspec is not installed", hint=_HINT) from None
    try:
        system, path = url_to_fs(address)
    except ImportError as error:
        raise Unavailable(f"{address}: {error}", hint=_HINT) from None
    except ValueError as error:
        raise InputError("unsupported", address, None, str(error)) from None
    return system, path


class _errors:
    """Turns exceptions of libraries into those of an unreadable capture."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, InputError):
            return
        if isinstance(error, FileNotFoundError):
            raise InputError("missing", self._address, None, "no such file") from None
        reason = str(error) or type(error).__name__  # these libraries may raise anything
        raise InputError("unreadable", self._address, None, reason) from None
