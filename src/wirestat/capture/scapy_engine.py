"""The engine scapy: its file readers, and packets that somebody else has read or sniffed with it.

scapy's packets enter as frames where the core decodes their link type, and as segments made from scapy's layers where
it does not, or where the core finds something inside that it has no decoder for.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wirestat import _core
from wirestat.capture.needs import package
from wirestat.capture.scapy_layers import row
from wirestat.errors import InputError, PermissionDenied
from wirestat.model import Capture

if TYPE_CHECKING:
    from wirestat.capture.source import Progress

_BATCH = 1000
"""Frames handed to the core at once."""
_LONGEST = 262_144
_NANO = 1_000_000_000
_RAW = {"IP": 228, "IPv6": 229}
"""Link types of packets that begin with what is no link layer to scapy."""


class Frame(NamedTuple):
    """One frame as scapy read it."""

    time_ns: int
    link_type: int
    orig_len: int
    data: bytes
    packet: Any = None
    """Where scapy has dissected it already."""


class _File:
    """One capture file, and what is to be said of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.frames = self.snapped = self.bytes = self.backward = 0
        self.first: int | None = None
        self.last: int | None = None
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

    def read(self) -> Iterator[Frame]:
        """Yield the frames; where the last is cut short the rest of it is not taken for a frame."""
        while True:
            try:
                data, about = self._reader._read_packet(_LONGEST)
            except EOFError:
                return
            except Exception as error:  # scapy's readers fail in many ways on damaged files
                self.error = f"scapy gave up: {_reason(error)}"
                return
            if len(data) < min(getattr(about, "caplen", 0), _LONGEST):
                self.error = f"cut short inside frame {self.frames + 1}"
                return
            yield self._note(data, about)

    def _note(self, data: bytes, about: Any) -> Frame:
        if hasattr(about, "sec"):
            time_ns = about.sec * _NANO + about.usec * (1 if self._reader.nano else 1000)
            link_type = self._reader.linktype
        else:
            ticks = None if about.tshigh is None else (about.tshigh << 32) + about.tslow
            # Simple packet blocks have no time: they are given that of the frame before.
            time_ns = (self.last or 0) if ticks is None else ticks * _NANO // about.tsresol
            link_type = about.linktype
        self.frames += 1
        self.bytes += len(data)
        self.snapped += len(data) < about.wirelen
        self.backward += self.last is not None and time_ns < self.last
        self.first = time_ns if self.first is None else min(self.first, time_ns)
        self.last = time_ns if self.last is None else max(self.last, time_ns)
        # The upper half of the word is about check sequences.
        return Frame(time_ns, link_type & 0xFFFF, about.wirelen, data)

    def capture(self) -> Capture:
        """Describe the file."""
        size = None if self.path == "-" else os.stat(self.path).st_size  # noqa: PTH116  # "-" is no path
        return Capture(
            name=self.path,
            format=f"{self._format} by scapy",
            compression=None,
            size=size,
            interfaces=(),
            frames=self.frames,
            first_time_ns=self.first,
            last_time_ns=self.last,
            snapped_frames=self.snapped,
            backward_steps=self.backward,
            comments=(),
            defects=(),
            error=self.error,
        )

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
        frames = merge(*(file.read() for file in self._files), key=attrgetter("time_ns"))
        feeder = Feeder(core)
        while batch := list(islice(frames, _BATCH)):
            feeder.feed(batch)
            read = sum(file.bytes for file in self._files)
            if core.is_full():
                return True
            if progress is not None and not progress(read, None):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Return what there is to say about each file, as far as it has been read."""
        return tuple(file.capture() for file in self._files)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


class PacketSource:
    """Packets of scapy, from whatever iterable: ``rdpcap``, ``PcapReader``, a list, a generator."""

    def __init__(self, packets: Iterable[Any]) -> None:
        """Take the packets; none is looked at yet."""
        self._packets = packets
        self.feeder: Feeder | None = None

    def drain(self, core: _core.Tracker, progress: Progress | None = None) -> bool:
        """Hand every packet to the tracker's core. ``False`` where ``progress`` stopped it before the end."""
        self.feeder = Feeder(core)
        packets = iter(self._packets)
        while batch := list(islice(packets, _BATCH)):
            self.feeder.feed([framed(packet) for packet in batch])
            if progress is not None and not progress(core.intake()[1], None):
                return False
        return True

    def captures(self) -> tuple[Capture, ...]:
        """Say how many packets there were."""
        return (self.feeder or Feeder(None)).captures()

    def close(self) -> None:
        """Leave the packets to their owner."""


class Feeder:
    """Hands frames to the core, and to scapy what the core has no decoder for."""

    def __init__(self, core: _core.Tracker | None) -> None:
        """Feed this core."""
        self._core = core
        self._number = 0
        self._snapped = 0
        self._decoded: dict[int, bool] = {}

    def feed(self, frames: Iterable[Frame]) -> None:
        """Hand on frames in their order, those of one link type at once."""
        for link_type, group in groupby(frames, key=attrgetter("link_type")):
            if link_type not in self._decoded:
                self._decoded[link_type] = _core.is_decoded(link_type)
            if self._decoded[link_type]:
                self._feed_decoded(link_type, list(group))
            else:
                for frame in group:
                    self._dissect(frame)

    def captures(self) -> tuple[Capture, ...]:
        """Describe what was fed."""
        counts = self._core.counts() if self._core else (0,) * 9 + (None, None)
        return (
            Capture(
                name="packets",
                format="scapy",
                compression=None,
                size=None,
                interfaces=(),
                frames=self._number,
                first_time_ns=counts[9],
                last_time_ns=counts[10],
                snapped_frames=self._snapped,
                backward_steps=0,
                comments=(),
                defects=(),
                error=None,
            ),
        )

    def _feed_decoded(self, link_type: int, frames: list[Frame]) -> None:
        rows = [(frame.time_ns, frame.orig_len, frame.data) for frame in frames]
        assert self._core is not None
        while rows:
            taken = self._core.feed(link_type, rows, self._number + 1, 0, True)
            self._number += taken
            frames, rows = frames[taken:], rows[taken:]
            if rows:
                self._dissect(frames[0])
                frames, rows = frames[1:], rows[1:]

    def _dissect(self, frame: Frame) -> None:
        """Let scapy dissect a frame; where it finds nothing either, the core counts it as not understood."""
        assert self._core is not None
        self._number += 1
        packet = frame.packet if frame.packet is not None else _dissected(frame)
        found = ("other",) if packet is None else row(packet, frame.time_ns, self._number)
        if found[0] == "other":
            self._core.feed(frame.link_type, [(frame.time_ns, frame.orig_len, frame.data)], self._number)
        else:
            self._core.feed_segments([found])


def framed(packet: Any) -> Frame:
    """Make a frame of a packet of scapy's: its bytes as captured, or as built where it was not captured."""
    # Only what was changed since it was dissected has to be built anew.
    captured = packet.original if packet.original and packet.raw_packet_cache is not None else bytes(packet)
    return Frame(
        time_ns=round(packet.time * _NANO),
        link_type=_link_type(packet),
        orig_len=packet.wirelen or len(captured),
        data=bytes(captured),
        packet=packet,
    )


def _link_type(packet: Any) -> int:
    kind = packet.__class__
    if kind.__name__ in _RAW:
        return _RAW[kind.__name__]
    number = package("scapy.config").conf.l2types.layer2num.get(kind)
    # A user's own link type: scapy has to dissect it.
    return 147 if number is None else int(number)


def _dissected(frame: Frame) -> Any:
    package("scapy.layers.all")
    layer = package("scapy.config").conf.l2types.num2layer.get(frame.link_type)
    if layer is None:
        return None
    try:
        return layer(frame.data)
    except Exception:  # a dissector may fail in any way on hostile bytes
        return None


def _opened(path: str) -> Any:
    """Open a file as scapy does, gzip by content; scapy itself leaves it open where it is no capture."""
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
