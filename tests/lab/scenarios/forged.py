"""One forged segment each, of a kind that a receiver throws away; the connection goes on and is closed in order."""

from __future__ import annotations

import struct
from functools import partial

from ..frames import ETHERNET_LENGTH, Flag, Frame, tcp
from ..lab import CLIENT_PORT, SERVER_PORT, Lab, Setting
from ..scenario import scenario
from ..wire import Side
from .closes import CLOSED_AFTER, CLOSES_FIRST
from .handshakes import ACCEPTS, ESTABLISHES
from .lost_closes import close_in_order, established

ACK, PSH, FIN, SYN, RST, URG = Flag.ACK, Flag.PSH, Flag.FIN, Flag.SYN, Flag.RST, Flag.URG
OLDER_MS = 100_000
"""How much older a forged time stamp is than the last real one."""
FAR_AHEAD = 1 << 28
TOO_OLD = 1 << 29
"""Further back than any window (RFC 5961, 5.2)."""


def _last(lab: Lab, sender: Side) -> Frame:
    client, server = lab.client.at(CLIENT_PORT), lab.server.at(SERVER_PORT)
    one, other = (client, server) if sender == "client" else (server, client)
    return lab.wire.flows[one.ip, one.port, other.ip, other.port].last


def _time_stamps(frame: Frame) -> tuple[int, int]:
    """TSval and TSecr of a segment that has no other option, as all have but SYNs and those with SACK blocks."""
    at = ETHERNET_LENGTH + (frame.raw[ETHERNET_LENGTH] & 15) * 4 + 20
    value, echo = struct.unpack_from("!II", frame.raw, at + 4)
    return value, echo


def forge_older(lab: Lab, flags: Flag, payload: bytes = b"") -> None:
    """A segment of the client with the right numbers and an older time stamp."""
    value, echo = _time_stamps(_last(lab, "client"))
    options = b"\x01\x01\x08\x0a" + struct.pack("!II", (value - OLDER_MS) % 2**32, echo)
    client, server = lab.client.at(CLIENT_PORT), lab.server.at(SERVER_PORT)
    raw = tcp(
        client, server, flags=flags, seq=_last(lab, "client").next_seq, ack=_last(lab, "server").next_seq,
        payload=payload, options=options,
    )  # fmt: skip
    lab.wire.inject(raw, toward="server")


def forge_acknowledging(
    lab: Lab, flags: Flag, beyond: int, *, ahead: int = 0, payload: bytes = b"", toward: Side = "server"
) -> None:
    """A segment that acknowledges so much more than the receiver has sent, or less."""
    ack = (_last(lab, toward).next_seq + beyond) % 2**32
    lab.forge(toward, flags, seq_offset=ahead, ack=ack, payload=payload, hops=201)


def _then_closes(lab: Lab, forge: partial[None]) -> None:
    client, server = established(lab)
    forge(lab)
    lab.wire.wait_until_quiet()
    lab.exchange(client, server)
    close_in_order(lab, client, server)
    lab.until(client="TIME_WAIT", server="CLOSED")


FORGERIES: tuple[tuple[str, str, partial[None]], ...] = (
    ("ack-beyond", "An ACK of 70,000 bytes that were never sent: answered and dropped.",
     partial(forge_acknowledging, flags=ACK, beyond=70_000)),
    ("ack-one-beyond", "An ACK of one byte that was never sent, which looks like that of a FIN.",
     partial(forge_acknowledging, flags=ACK, beyond=1)),
    ("ack-beyond-to-client", "The same toward the client: an ACK of 40,000 bytes that it never sent.",
     partial(forge_acknowledging, flags=ACK, beyond=40_000, toward="client")),
    ("data-ack-beyond", "Data that acknowledge what was never sent: dropped, data and all.",
     partial(forge_acknowledging, flags=ACK | PSH, beyond=5000, payload=b"evil")),
    ("data-ack-too-old", "Data that acknowledge far less than was acknowledged before: dropped.",
     partial(forge_acknowledging, flags=ACK | PSH, beyond=-TOO_OLD, payload=b"evil")),
    ("fin-ack-beyond", "A FIN that acknowledges what was never sent: no CLOSE_WAIT.",
     partial(forge_acknowledging, flags=ACK | FIN, beyond=3000)),
    ("fin-ack-too-old", "A FIN at the right number that acknowledges far too little: no CLOSE_WAIT.",
     partial(forge_acknowledging, flags=ACK | FIN, beyond=-TOO_OLD)),
    ("fin-one-behind", "A FIN one octet behind, as a keepalive is: no CLOSE_WAIT.",
     partial(forge_acknowledging, flags=ACK | FIN, beyond=0, ahead=-1)),
    ("fin-far-behind", "A FIN below the first sequence number: out of the window.",
     partial(forge_acknowledging, flags=ACK | FIN, beyond=0, ahead=-5000)),
    ("fin-far-ahead", "A FIN far beyond the window, with an ACK of what was never sent.",
     partial(forge_acknowledging, flags=ACK | FIN, beyond=9000, ahead=FAR_AHEAD)),
    ("syn-ack-midstream", "A SYN-ACK in the midst of a connection: a challenge ACK (RFC 5961).",
     partial(forge_acknowledging, flags=SYN | ACK, beyond=0, ahead=-5000, toward="client")),
    ("syn-ack-far-away", "A SYN-ACK with numbers of its own in the midst of a connection.",
     partial(forge_acknowledging, flags=SYN | ACK, beyond=-30, ahead=FAR_AHEAD, toward="client")),
    ("keepalive-with-garbage", "A byte just behind the window, as old keepalives carry: answered and dropped.",
     partial(forge_acknowledging, flags=ACK, beyond=0, ahead=-1, payload=b"\0")),
    ("data-without-ack", "Data without the ACK bit: dropped without an answer.",
     partial(Lab.forge, toward="server", flags=PSH, payload=b"no ack")),
    ("urgent-without-ack", "A FIN with PSH and URG and without ACK, as a scanner sends: dropped.",
     partial(Lab.forge, toward="server", flags=FIN | PSH | URG)),
    ("older-data", "Data with an older time stamp: answered and dropped (PAWS).",
     partial(forge_older, flags=ACK | PSH, payload=b"old!")),
    ("older-fin", "A FIN with an older time stamp: no CLOSE_WAIT (PAWS).",
     partial(forge_older, flags=ACK | FIN)),
)  # fmt: skip

for _name, _description, _forge in FORGERIES:
    scenario(
        f"forged-{_name}",
        _description,
        client=CLOSES_FIRST,
        server=CLOSED_AFTER,
        setting=Setting(lasts_seconds=2),
    )(partial(_then_closes, forge=_forge))


@scenario(
    "forged-fin-exact",
    "A forged FIN with the right numbers: the server believes it. Its segments then acknowledge more than the "
    "client has sent, and are dropped.",
    client=ESTABLISHES,
    server=f"{ACCEPTS} CLOSE_WAIT",
)
def forged_fin_exact(lab: Lab) -> None:
    _, server = established(lab)
    lab.forge("server", ACK | FIN)
    lab.until(server="CLOSE_WAIT")
    server.send(b"still here")
    lab.sleep(0.5)


@scenario(
    "forged-syn-and-fin-to-a-listener",
    "A SYN with the FIN bit set, from nowhere: Linux drops it without an answer.",
    client="",
    server="",
)
def forged_syn_and_fin(lab: Lab) -> None:
    lab.listen()
    lab.forge("server", SYN | FIN, seq=1000)
    lab.sleep(0.3)


@scenario(
    "forged-reset-after-forged-acks",
    "Two forged ACKs beyond what was sent, toward the client; then the server resets the connection in earnest.",
    client=f"{ESTABLISHES} CLOSED",
    server=f"{ACCEPTS} CLOSED",
)
def forged_reset_after_forged_acks(lab: Lab) -> None:
    from ..hosts import reset_on_close

    _, server = established(lab)
    forge_acknowledging(lab, ACK, 40_000, toward="client")
    forge_acknowledging(lab, ACK, 70_000, toward="client")
    lab.sleep(0.2)
    reset_on_close(server)
    server.close()
    lab.until(client="CLOSED", server="CLOSED")
    lab.wire.wait_until_quiet()
