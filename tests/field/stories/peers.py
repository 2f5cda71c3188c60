"""Stories of long conversations between peers: routing, storage, file sharing, screens that mirror others."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D45|D09|D29", ("10.30.1.5", "time stamp"), "possible", "note"),
    Never("D08"),
    Never("D07"),
    Never("D18"),
    Ends("10.30.1.5:49201", ("CLOSED", "CLOSED|ESTABLISHED")),
)
def probes_without_time_stamps_are_dropped(wire: Wire) -> None:
    """A television sends keepalive probes without the negotiated time stamps, and its peer drops each.

    True: RFC 7323, 3.2 has a receiver drop what lacks them. All its data carries them and is acknowledged; after
    eight probes the television resets the connection, though path and peer are well.

    Source: TritonDataCenter/smartos-live#535.
    """
    talk = wire.talk("10.30.1.5:49201", "10.30.1.9:7000").play(GREETING)
    for at in (1.0, 2.5, 4.0):
        talk.play(f"{at} > P. 90\n{at + 0.0007} < P. 60\n{at + 0.0009} > .")
    for number in range(8):
        talk.play(f"{34.0 + 10 * number} > . seq=370 nots")
    talk.play("114 > R. seq=371")
    crowd(wire, Crowd("10.30.1.9:7001", "10.30.1", 12, clients=3, every=9, trip=0.001))


@story(
    Says("D45|D04|D34|D05", ("10.30.2.1", "MD5|signature|signed"), "possible", "note"),
    Never("D26"),
    Never("D05", ("accept queue is full",)),
    Never("D01"),
    Ends("10.30.2.1:39179", ("SYN_SENT|CLOSED", "SYN_RECV|CLOSED|UNKNOWN")),
)
def answer_to_a_signed_syn_is_not_signed(wire: Wire) -> None:
    """A router signs its SYN for BGP, and its peer's answer bears no signature.

    True: the router drops each SYN-ACK for that (RFC 2385, 2.0), sends its SYN again, and gives up after a minute.
    Nothing is lost on the way: the tap is at the router.

    Source: oxidecomputer/maghemite#659.
    """
    talk = wire.talk("10.30.2.1:39179", "10.30.2.9:179", stamps=False, client_ttl=255)
    talk.play("0 > S md5\n0.0004 < S.")
    for at in (1.01, 3.03, 7.2, 15.4, 31.5):
        talk.play(f"{at} > S again md5\n{at + 0.0004} < S. again")
    for at in (2.02, 5.1, 11.3, 23.6):
        talk.play(f"{at} < S. again")


@story(
    Says("D01", ("10.30.3.9:179", "MD5|signature"), "likely", "warning"),
    Never("D26"),
    Never("D34"),
)
def signed_syn_is_not_answered(wire: Wire) -> None:
    """Two routers were given different passwords for BGP, so neither answers the other's SYNs.

    True: each drops the signed SYN of the other without a word. Both hosts are up: a login to the same router works
    at the same time.

    Source: RFC 2385, 4.0, and every "BGP stuck in Connect" with ``TCPMD5Failure`` counting up.
    """
    for number in range(2):
        talk = wire.talk(f"10.30.3.1:{40_100 + number}", "10.30.3.9:179", at=60.0 * number, stamps=False)
        for at in (0, 1.02, 3.05, 7.1, 15.2):
            talk.play(f"{at} > S md5 {'again' if at else ''}")
    crowd(wire, Crowd("10.30.3.9:22", "10.30.3", 10, clients=2, at=3, every=8))


@story(
    Says("D24", ("10.30.4.9:179", "1460"), "likely", "error", fault="path"),
    Never("D07"),
    Never("D16"),
    Never("D18"),
    Ends("10.30.4.1:42001", ("CLOSED", "CLOSED|FIN_WAIT1")),
)
def updates_are_too_long_for_the_way(wire: Wire) -> None:
    """BGP comes up, and no update is ever acknowledged.

    True: opens and keepalives of 19 to 85 bytes pass, updates of 1460 bytes do not. After half a minute the peer
    closes; its FIN is answered by a reset, as much is still unsent.

    Source: FRRouting/frr#8600.
    """
    talk = wire.talk("10.30.4.1:42001", "10.30.4.9:179", stamps=False, client_ttl=1, server_ttl=255)
    talk.play(HANDSHAKE).play(
        "0.01 > P. 85\n0.013 < P. 61\n0.0131 > P. 19\n0.015 < P. 19\n0.0152 > .\n0.016 < ."
    )
    talk.play("0.2 > . 1460\n0.2001 > . 1460\n0.2002 > . 1460")
    for at in (0.41, 0.83, 1.67, 3.35, 6.7, 13.4):
        talk.play(f"{at} > . 1460 seq=105")
    talk.play("10.02 < P. 19 ack=105\n10.0201 > .\n20.05 < P. 19 ack=105\n20.0501 > .")
    talk.play("30.1 < F. ack=105\n30.1001 > R. seq=4485\n30.1031 < . ack=105\n30.1032 > R seq=105")


@story(
    Says("D46|D45|D09", ("10.30.5.5",), "possible", "warning", fault="client"),
    Never("D24"),
    Never("D08"),
    Never("D09", ("10.30.5.9:179 has been silent",)),
)
def host_ignores_what_its_tap_shows(wire: Wire) -> None:
    """From one second to the next a router takes no notice of its peer's packets, which its own tap shows.

    True: a filter drops them behind the tap. The peer acknowledges everything of the router's at once, and the router
    sends it again nevertheless; it acknowledges nothing of the peer's.

    Source: FRRouting/frr#2361.
    """
    talk = wire.talk("10.30.5.5:51510", "10.30.5.9:179", server_ttl=60).play(GREETING)
    for at in (10.0, 20.0):
        talk.play(f"{at} > P. 19\n{at + 0.03} < P. 19\n{at + 0.0301} > .")
    talk.play("30 > P. 19\n30.03 < .\n30.5 < P. 19")
    for at in (30.23, 30.67, 31.54, 33.3, 36.8, 43.8, 57.9):
        talk.play(f"{at} > P. 19 again ack=339\n{at + 0.03} < . seq=358 sack=139-158")
    for at in (30.75, 31.2, 32.1, 33.9, 37.4, 44.5, 58.6):
        talk.play(f"{at} < P. again")


@story(
    Says("D51|D49|D39", ("10.30.6.9:3260",), "possible", "note"),
    Never("D09"),
    Never("D08"),
    Never("D18"),
    Never("D24"),
)
def target_acknowledges_pings_and_answers_none(wire: Wire) -> None:
    """A storage target's kernel acknowledges each ping, and its program answers none any more.

    True: the target's disks hang. The initiator's pings every five seconds are answered for a minute; then three of
    them and a write are only acknowledged, and the initiator closes after 15 s and logs in anew.

    Source: open-iscsi/open-iscsi#97.
    """
    talk = wire.talk("10.30.6.5:40326", "10.30.6.9:3260").play(GREETING)
    for number in range(12):
        at = 5.0 * (1 + number)
        talk.play(f"{at} > P. 48\n{at + 0.0006} < P. 48\n{at + 0.0007} > .")
    for at in (63.0, 65.0, 70.0, 75.0):
        talk.play(f"{at} > P. {560 if at == 63 else 48}\n{at + 0.0004} < .")
    talk.play("80.1 > F.\n80.1404 < .")
    again = wire.talk("10.30.6.5:40330", "10.30.6.9:3260", at=82).play(GREETING)
    for number in range(4):
        at = 5.0 * (1 + number)
        again.play(f"{at} > P. 48\n{at + 0.0006} < P. 48\n{at + 0.0007} > .")


@story(
    Says("D33|D20|D21|D34|D04", ("10.30.7.1:833", "ACK"), "possible", "note"),
    Never("D01"),
    Never("D26"),
    Never("D05"),
)
def mount_meets_its_old_self(wire: Wire) -> None:
    """A client mounts again from the same reserved port, and the server still holds the old connection.

    True: the server answers each SYN by an acknowledgement of the old numbers, and the client would reset that. A
    firewall near the client knows the new connection alone, and drops the acknowledgement: the mount hangs. The tap
    is at the server.

    Source: reports on NFS over TCP with ports below 1024 behind stateful firewalls; RFC 5961, 4.2.
    """
    old = wire.talk("10.30.7.1:833", "10.30.7.9:2049", client_ttl=62)
    old.play("0 > S\n0.00005 < S.\n0.012 > .\n0.0122 > P. 44\n0.0125 < P. 28\n0.0245 > .")
    for at in (5.0, 10.0, 15.0):
        old.play(f"{at} > P. 180\n{at + 0.0005} < P. 120\n{at + 0.0126} > .")
    new = wire.talk("10.30.7.1:833", "10.30.7.9:2049", client_ttl=62)
    for at in (75, 76.01, 78.03, 82.1, 90.2, 106.4, 138.5):
        new.play(f"{at} > S {'again' if at > 75 else ''}")
        old.play(f"{at + 0.00004} < .")
    crowd(wire, Crowd("10.30.7.9:2049", "10.30.8", 14, at=60, every=5, trip=0.012, share=1))


@story(
    Never("D*", severity="warning"),
    Never("D02"),
    Never("D26"),
    Ends("10.30.9.3:50010", ("ESTABLISHED|CLOSED|TIME_WAIT", "ESTABLISHED|CLOSED|TIME_WAIT")),
)
def asks_two_ports_and_drops_one(wire: Wire) -> None:
    """A Windows client asks port 445 and port 139 at once, and resets the second when the first has answered.

    True: nothing is wrong: both ports listen, and the client needs one of them.

    Source: "Direct hosting of SMB over TCP/IP" (Microsoft), and every old Windows in a capture.
    """
    for number in range(5):
        at = 3.0 * number
        first = wire.talk(
            f"10.30.9.{3 + number}:50010",
            "10.30.9.9:445",
            at=at,
            stamps=False,
            client_ttl=128,
            client_scale=8,
        )
        second = wire.talk(
            f"10.30.9.{3 + number}:50011",
            "10.30.9.9:139",
            at=at,
            stamps=False,
            client_ttl=128,
            client_scale=8,
        )
        second.play("0.0002 > S\n0.0006 < S.\n0.0011 > R seq=1")
        first.play(
            "0 > S\n0.0005 < S.\n0.0006 > .\n0.001 > P. 73\n0.003 < P. 206\n0.004 > P. 110\n0.006 < P. 300"
        )
        first.play("0.2 > .")
        if number:
            first.play(FAREWELL, at=1.5)
