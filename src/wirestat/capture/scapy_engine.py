"""The engine scapy: its file readers, and packets that the caller has read or sniffed with it.

scapy's packets enter the core as frames if it decodes their link type; otherwise, or if the core finds a header
without a decoder, as segments made from scapy's layers.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from heapq import merge
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirestat import _core
from wirestat.capture.needs import package
from wirestat.capture.scapy_layers import dissected
from wirestat.capture.source import LATEST_NS
from wirestat.capture.tally import Tally, size_of
from wirestat.errors import InputError, PermissionDenied
from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat.capture.source import Progress

_BATCH = 1000
"""Frames per call of the core."""
_LONGEST = 262_144
_NANO = 1_000_000_000
_LINK_TYPE = 0xFFFF
"""The bits of the link type in its word of the pcap header; the others describe the frame check sequence."""
_RAW = {"IP": 228, "IPv6": 229}
"""Link types of packets whose first layer is not a link layer in scapy."""


Frame = tuple[int, int, bytes, int, Any]
"""Time in Unix ns, length on the wire, bytes, link type, and the packet if scapy has dissected it already.

A plain tuple: a million of them are made, and the core takes them as they are.
"""
_TIME = itemgetter(0)
_LINK = itemgetter(3)


class _File:
    """One capture file, with its counts and defects."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.tally = Tally()
        self.error: str | None = None
        utils, failure = package("scapy.utils"), package("scapy.error").Scapy_Exception
        stream: Any = None
        try:
            stream = _opened(path)
            self._reader = utils.RawPcapReader(stream)
        except PermissionError:
            raise PermissionDenied(path) from None
        except (failure, OSError, EOFError) as error:
            if stream is not None and path != "-":
                stream.close()
            raise InputError("not a capture", path, None, f"scapy cannot read it: {_reason(error)}") from None
        self._format = "pcapng" if hasattr(self._reader, "interfaces") else "pcap"

    def frames(self) -> Iterator[Frame]:
        """Yield the frames one by one."""
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[list[Frame]]:
        """Yield the frames; the remains of a truncated last frame are not taken for a frame."""
        read = self._read_pcapng if self._format == "pcapng" else self._read_pcap
        more = True
        while more:
            frames: list[Frame] = []
            try:
                more = read(frames)
            except EOFError:
                more = False
            except Exception as error:  # scapy's readers fail in many ways on damaged files
                self.error = f"scapy gave up: {_reason(error)}"
                more = False
            if frames:
                note(self.tally, frames)
                yield frames

    def _read_pcap(self, frames: list[Frame]) -> bool:
        read, scale = self._reader._read_packet, 1 if self._reader.nano else 1000
        link_type = self._reader.linktype & _LINK_TYPE
        for _ in range(_BATCH):
            data, (seconds, fraction, length, captured) = read(_LONGEST)
            if len(data) < captured and captured <= _LONGEST:
                self.error = f"cut short inside frame {self.tally.frames + len(frames) + 1}"
                return False
            is_blank = not (seconds or fraction or length or captured)  # the file ends in zeros
            time_ns = self._before(frames) if is_blank else seconds * _NANO + fraction * scale
            frames.append((time_ns, length, data, link_type, None))
        return True

    def _read_pcapng(self, frames: list[Frame]) -> bool:
        for _ in range(_BATCH):
            data, about = self._reader._read_packet(_LONGEST)
            if about.tshigh is None:
                time_ns = self._before(frames)  # simple packet blocks have no time
            else:
                time_ns = min(((about.tshigh << 32) + about.tslow) * _NANO // about.tsresol, LATEST_NS)
            frames.append((time_ns, about.wirelen, data, about.linktype & _LINK_TYPE, None))
        return True

    def _before(self, frames: list[Frame]) -> int:
        """Return the time of the frame before, for one that has none."""
        return frames[-1][0] if frames else self.tally.previous or 0

    def capture(self) -> Capture:
        """Describe the file."""
        format = f"{self._format} by scapy"
        return self.tally.capture(self.path, format, size=size_of(self.path), error=self.error)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


class ScapySource:
    """Capture files, read by scapy and merged by time."""

    def __init__(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Open the files; ``-`` is standard input.

        Raises:
            InputError: scapy cannot read one.
            PermissionDenied: one may not be read.
            Unavailable: there is no scapy.
        """
        self._files: list[_File] = []
        try:
            for path in paths:
                self._files.append(_File(os.fspath(path)))
        except BaseException:
            self.close()
            raise

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every frame to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        feeder = Feeder(core)
        for batch in self._batches():
            feeder.feed(batch)
            read = sum(file.tally.bytes for file in self._files)
            if core.is_full():
                return True
            if progress is not None and not progress(read, None):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return each file with its counts and defects so far."""
        return tuple(file.capture() for file in self._files)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _batches(self) -> Iterator[list[Frame]]:
        if len(self._files) == 1:
            yield from self._files[0].batches()
            return
        frames = merge(*(file.frames() for file in self._files), key=_TIME)
        while batch := list(islice(frames, _BATCH)):
            yield batch


class PacketSource:
    """Scapy packets from any iterable: ``rdpcap``, ``PcapReader``, a list, a generator."""

    def __init__(self, packets: Iterable[Any]) -> None:
        """Take the packets, without reading any yet."""
        self._packets = packets
        self._tally = Tally()

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        feeder = Feeder(core)
        packets = iter(self._packets)
        while batch := list(islice(packets, _BATCH)):
            frames = [framed(packet) for packet in batch]
            note(self._tally, frames)
            feeder.feed(frames)
            if progress is not None and not progress(core.intake().bytes, None):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return the number of packets as a capture."""
        return (self._tally.capture("packets", "scapy"),)

    def close(self) -> None:
        """Leave the packets to their owner."""


class Feeder:
    """Passes frames to the core, and those without a core decoder to scapy."""

    def __init__(self, core: _core.Tracker) -> None:
        """Feed this core."""
        self._core = core
        self._number = 0
        self._decoded: dict[int, bool] = {}

    def feed(self, frames: Iterable[Frame]) -> None:
        """Pass frames on in their order, those of one link type together."""
        for link_type, group in groupby(frames, key=_LINK):
            if link_type not in self._decoded:
                self._decoded[link_type] = _core.is_decoded(link_type)
            if self._decoded[link_type]:
                self._feed_decoded(link_type, list(group))
            else:
                for frame in group:
                    self._dissect(frame)

    def _feed_decoded(self, link_type: int, frames: list[Frame]) -> None:
        while frames:
            taken = self._core.feed(link_type, frames, self._number + 1, 0, True)
            self._number += taken
            if taken == len(frames):
                return
            self._dissect(frames[taken])
            frames = frames[taken + 1 :]

    def _dissect(self, frame: Frame) -> None:
        """Let scapy dissect a frame; if it fails too, the core counts the frame as not decoded."""
        self._number += 1
        time_ns, length, data, link_type, known = frame
        packet = known if known is not None else _dissected(link_type, data)
        found = None if packet is None else dissected(packet, time_ns, self._number)
        if found is None or found.kind == "other":
            self._core.feed(link_type, [(time_ns, length, data)], self._number)
        else:
            self._core.feed_segments([found])


def note(tally: Tally, frames: Sequence[Frame]) -> None:
    """Count frames."""
    tally.note(
        [time_ns for time_ns, *_ in frames],
        [length for _, length, *_ in frames],
        [len(data) for _, _, data, _, _ in frames],
    )


def framed(packet: Any) -> Frame:
    """Make a frame from a scapy packet: its captured bytes, or built ones if it was not captured."""
    original: bytes = packet.original
    # Only layers changed since dissection are built again.
    data = original if original and packet.raw_packet_cache is not None else bytes(packet)
    time_ns = min(round(packet.time * _NANO), LATEST_NS)
    return time_ns, packet.wirelen or len(data), data, _link_type(packet.__class__), packet


@cache
def _link_type(kind: type) -> int:
    if kind.__name__ in _RAW:
        return _RAW[kind.__name__]
    number = package("scapy.config").conf.l2types.layer2num.get(kind)
    # A user's own link type: scapy has to dissect it.
    return 147 if number is None else int(number)


def _dissected(link_type: int, data: bytes) -> Any:
    package("scapy.layers.all")
    layer = package("scapy.config").conf.l2types.num2layer.get(link_type)
    if layer is None:
        return None
    try:
        return layer(data)
    except Exception:  # a dissector may fail in any way on hostile bytes
        return None


def _opened(path: str) -> Any:
    """Open a file as scapy does, gzip by content; scapy itself leaves files open that are not captures."""
    if path == "-":
        return sys.stdin.buffer
    stream = Path(path).open("rb")  # noqa: SIM115  # closed by the reader
    if stream.read(2) != b"\x1f\x8b":
        stream.seek(0)
        return stream
    stream.close()
    return gzip.open(path, "rb")


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).rstrip(" !.").lower()
