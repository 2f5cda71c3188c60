"""More stories of the ends themselves, told after the rules were mended, to see whether they hold."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says(
        "D16|D12|D27|D59|D39",
        ("10.210.1.9:443", "still had data for it|still sending|still coming|still came"),
        "possible",
        "note",
        fault="server|",
        count=3,
    ),
    Never("D08"),
    Never("D18"),
    Never("D09"),
    Never("D54"),
    kept=False,
)
def uploads_over_slow_lines_are_cut(wire: Wire) -> None:
    """Uploads over slow lines fail after twenty-five seconds or so; those over fast lines never do.

    True: the web server wants each request to come at 500 bytes a second (``RequestReadTimeout`` of Apache). It
    answers 408, closes in the middle of the upload, and resets what still comes. All before was acknowledged.

    Source: nextcloud/all-in-one#8457, owncloud/core#14603.
    """
    for number in range(3):
        talk = wire.talk(
            f"198.51.100.{20 + number}:40000", "10.210.1.9:443", at=7.0 * number, client_ttl=52
        ).play("0 > S\n0.00004 < S.\n0.09 > .\n0.091 > P. 900\n0.0911 < .")
        at = 0.3
        while at < 25 + 0.4 * number:
            talk.play(f"{at} > P. 220\n{at + 0.04} < .")
            at += 0.7 + 0.02 * number
        talk.play(f"{at - 0.2} < P. 310\n{at - 0.1999} < F.\n{at - 0.11} > .")
        talk.play(f"{at} > P. 220\n{at + 0.00003} < R seq=312")
    for number in range(4):
        talk = wire.talk(
            f"203.0.113.{30 + number}:41000", "10.210.1.9:443", at=6.0 * number, client_ttl=52
        ).play("0 > S\n0.00004 < S.\n0.02 > .\n0.021 > P. 900\n0.0211 < .")
        for part in range(30):
            talk.play(f"{0.03 + 0.01 * part} > P. 1400\n{0.0301 + 0.01 * part} < .")
        talk.play("0.42 < P. 300\n0.44 > .").play(FAREWELL, at=0.6)


@story(
    Says(
        "D35",
        ("10.210.2.9:7822", "ms later"),
        count=40,
    ),
    Never("D26"),
    Never("D42"),
    Never("D48"),
    Never("D22", severity="warning"),
    kept=False,
)
def client_dials_again_without_a_pause(wire: Wire) -> None:
    """A client of a mesh network fills its host's log: it is connected to a hub sixty times within three seconds.

    True: the hub accepts and hangs up at once, as it takes no more members. The client waits after a connect that
    fails, but not after one that succeeds and ends, so it dials again within milliseconds.

    Source: FreeTAKTeam/LXMF-rs#493.
    """
    for number in range(60):
        talk = wire.talk(
            f"10.210.2.20:{42_000 + number}", "10.210.2.9:7822", at=0.048 * number, server_ttl=55
        )
        talk.play("0 > S\n0.02 < S.\n0.0201 > .\n0.0203 > P. 40")
        talk.play("0.0402 < F.\n0.0404 > F.\n0.0455 < .")


@story(
    Says("D35", ("10.210.3.9:22", "10.210.3.20"), "possible", "note", count=6),
    Never("D26", severity="warning"),
    Never("D06"),
    Never("D44"),
    Never("D35", ("every client", "all clients")),
    Ends("10.210.3.40:44000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def server_turns_away_who_failed_to_log_in(wire: Wire) -> None:
    """A cluster's set-up logs in by SSH in vain five times, and then is turned away at once for fifteen seconds.

    True: ``PerSourcePenalties`` of OpenSSH 9.8: an address that failed several times is told "Not allowed at this
    time" before any greeting, and the connection is closed. Others log in meanwhile.

    Source: sonic-net/sonic-buildimage#29318, ClusterLabs/crmsh#1811, jtesta/ssh-audit#349.
    """
    session = wire.talk("10.210.3.40:44000", "10.210.3.9:22").play(GREETING)
    for key in range(40):
        session.play(f"{1 + key} > P. 36\n{1.001 + key} < P. 36\n{1.0011 + key} > .")
    for number in range(5):
        talk = wire.talk(f"10.210.3.20:{43_000 + number}", "10.210.3.9:22", at=2.0 + 1.5 * number).play(
            HANDSHAKE
        )
        talk.play("0.012 < P. 42\n0.0121 > .\n0.0125 > P. 42\n0.0126 < .\n0.013 < P. 1080\n0.0132 > P. 1500")
        talk.play("0.02 < P. 600\n0.022 > P. 100\n0.03 < P. 60\n0.031 > P. 140\n0.9 < P. 80\n0.9001 > .")
        talk.play("0.901 > F.\n0.903 < F.\n0.9031 > .")
    for number in range(6):
        talk = wire.talk(f"10.210.3.20:{43_100 + number}", "10.210.3.9:22", at=10.0 + 2.1 * number).play(
            HANDSHAKE
        )
        talk.play("0.0013 < P. 29\n0.0014 < F.\n0.0016 > .\n0.0018 > F.\n0.002 < .")
    for number in range(3):
        talk = wire.talk(f"10.210.3.41:{45_000 + number}", "10.210.3.9:22", at=11.0 + 4.0 * number).play(
            HANDSHAKE
        )
        talk.play("0.012 < P. 42\n0.0121 > .\n0.0125 > P. 42\n0.0126 < .\n0.013 < P. 1080\n0.0132 > P. 1500")
        talk.play("0.02 < P. 600\n0.022 > P. 100\n0.03 < P. 60\n0.031 > P. 140\n0.04 < P. 80\n0.0402 > .")
        talk.play("2 > P. 90\n2.002 < P. 300\n2.0021 > .").play(FAREWELL, at=2.5)


@story(
    Never("D*", severity="warning"),
    Never("D35", severity="note"),
    Never("D44"),
    Ends("10.210.4.20:46000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def query_is_cancelled_on_a_connection_of_its_own(wire: Wire) -> None:
    """Somebody stops a long query five times a day; a second connection of sixteen bytes shows beside each.

    True: nothing is wrong. PostgreSQL is told to cancel on a connection of its own: the client sends a key, and the
    server closes without an answer. The query ends at that moment with an error, and the session goes on.

    Source: the protocol of PostgreSQL ("Canceling Requests in Progress").
    """
    session = wire.talk("10.210.4.20:46000", "10.210.4.9:5432").play(GREETING)
    for number in range(5):
        at = 5 + 20.0 * number
        session.play(f"{at} > P. 120\n{at + 0.0003} < .\n{at + 8.0024} < P. 140\n{at + 8.0025} > .")
        cancel = wire.talk(f"10.210.4.20:{46_101 + number}", "10.210.4.9:5432", at=at + 8).play(HANDSHAKE)
        cancel.play("0.0012 > P. 16\n0.0013 < .\n0.0022 < F.\n0.0024 > F.\n0.0026 < .")
        for query in range(3):
            session.play(
                f"{at + 9 + query} > P. 80\n{at + 9.004 + query} < P. 260\n{at + 9.0041 + query} > ."
            )


@story(
    Says(
        "D49|D51|D47",
        (
            "10.210.5.9:3306",
            "after a silence|after each silence|after a pause|after each pause|idle|silent for",
        ),
        "possible",
        "note",
    ),
    Never("D09"),
    Never("D08"),
    Never("D56"),
    Never("D54"),
    kept=False,
)
def first_question_after_each_pause_wakes_the_database(wire: Wire) -> None:
    """A page takes fourteen seconds when nobody has asked for it for some minutes; then all goes fast.

    True: the database is "serverless" and is put to sleep after five idle minutes. Its front end stays connected and
    acknowledges each question at once; the answer waits until the database is up.

    Source: jeremydaly/data-api-client#99 (Aurora Serverless with auto-pause).
    """
    talk = wire.talk("10.210.5.20:47000", "10.210.5.9:3306").play(GREETING)
    at = 1.0
    for number, pause in enumerate((30, 420, 60, 700, 45, 365, 900, 20)):
        at += pause
        wakes = pause >= 300
        took = 14.2 + 0.9 * (number % 3) if wakes else 0.006
        talk.play(f"{at} > P. 180")
        if wakes:
            talk.play(f"{at + 0.041} < .")
        talk.play(f"{at + took} < P. 700\n{at + took + 0.0002} > .")
        at += took
        for ask in range(1, 5):
            talk.play(
                f"{at + 0.4 * ask} > P. 160\n{at + 0.4 * ask + 0.005} < P. 500\n{at + 0.4 * ask + 0.0052} > ."
            )
        at += 2


@story(
    Says("D09|D23", ("10.210.6.20:48000", "window"), "possible", "warning"),
    Never("D24"),
    Never("D54"),
    Never("D23", ("answers each probe", "answered each")),
    Ends("10.210.6.20:48000", ("ESTABLISHED|CLOSED", "ESTABLISHED|FIN_WAIT1")),
    kept=False,
)
def client_dies_with_its_window_shut(wire: Wire) -> None:
    """A web server's list of sockets grows: some wait in FIN_WAIT1 for ever, and nobody reads their answers.

    True: the modem's user hung up while his window was shut. The server's kernel asks for room with one byte each
    minute, and on this old system that never ends. The FIN is queued behind the rest of the answer.

    Source: Digital UNIX, patch OSF375-061 ("network sockets left in FIN_WAIT_1 state forever").
    """
    talk = wire.talk(
        "10.210.6.20:48000", "10.210.6.9:80", stamps=False, client_window=2920, server_window=33232
    )
    talk.client.scale = talk.server.scale = None
    talk.play(
        "0 > S win=2920\n0.00005 < S. win=33580\n0.15 > .\n0.151 > P. 240\n0.16 < . 1460\n0.1601 < . 1460"
    )
    talk.play("0.62 > .\n0.6201 < . 1460\n0.6202 < . 1460\n1.2 > . win=0")
    wait, at = 5.0, 6.2
    while at < 900:
        talk.play(f"{at} < . 1 seq=5841")
        wait = min(wait * 2, 60)
        at += wait
    for number in range(3):
        other = wire.talk(f"10.210.6.{30 + number}:48000", "10.210.6.9:80", at=200.0 * number, stamps=False)
        other.play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D01|D33|D45|D34", ("10.210.7.9:502", "SYN"), "possible", "warning"),
    Never("D26"),
    Never("D43"),
    Never("D54"),
    Ends("10.210.7.21:1025", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def cable_is_pulled_until_no_place_is_left(wire: Wire) -> None:
    """A meter takes part in a test of its cable: after the fifth time that it was pulled nobody can connect.

    True: its stack has five places for connections (``MEMP_NUM_TCP_PCB``), and a master whose cable was pulled comes
    back from a new port each time. The old connections are never given up, so the sixth SYN is ignored. The fifth
    connection goes on all the while, and the meter answers pings.

    Source: alejoseb/Modbus-STM32-HAL-FreeRTOS#80.
    """
    for pull in range(5):
        talk = wire.talk(
            "10.210.7.20:" + str(1025 + pull) if pull < 4 else "10.210.7.21:1025",
            "10.210.7.9:502",
            at=20.0 * pull,
            stamps=False,
            server_ttl=255,
            server_window=2144,
        )
        talk.server.scale = talk.client.scale = None
        talk.play("0 > S\n0.0008 < S. win=2144\n0.0009 > .")
        for ask in range(1, 12 if pull < 4 else 90):
            talk.play(f"{ask} > P. 12\n{ask + 0.004} < P. 29\n{ask + 0.0041} > .")
        if pull < 4:
            talk.play("12 > P. 12\n12.3 > P. again\n12.9 > P. again\n14.1 > P. again\n16.5 > P. again")
    for attempt in range(3):
        last = wire.talk(
            f"10.210.7.20:{1030 + attempt}", "10.210.7.9:502", at=100.0 + 22 * attempt, stamps=False
        )
        last.play("0 > S\n1.01 > S again\n3.03 > S again\n7.05 > S again\n15.1 > S again")


@story(
    Says("D03", ("10.210.8.9", "port unreachable|port cannot be reached"), "likely", "warning", count=4),
    Never("D26"),
    Never("D03", ("10.210.8.9 rejects by a firewall",)),
    Never("D01"),
    kept=False,
)
def closed_port_is_told_of_by_icmp(wire: Wire) -> None:
    """Connects to a sensor's web page fail at once with "connection refused"; no reset is in the capture.

    True: nothing listens on port 80, and the sensor's small stack says so by ICMP ("port unreachable"), where TCP has
    a reset for that. Port 8080 of the same sensor answers.

    Source: tass-belgium/picotcp#43.
    """
    for number in range(4):
        talk = wire.talk(f"10.210.8.20:{49_000 + number}", "10.210.8.9:80", at=3.0 * number).play("0 > S")
        _, _, data = wire.frames[-1]
        error = ip.ethernet(ip.icmp_error("port-unreachable", "10.210.8.9", data[14:]))
        wire.frames.append((BASE_NS + round((talk.start + 0.0011) * 1e9), len(error), error))
    for number in range(3):
        talk = wire.talk(
            f"10.210.8.20:{49_100 + number}", "10.210.8.9:8080", at=1 + 3.0 * number, server_ttl=64
        )
        talk.play(GREETING).play(FAREWELL, at=1)
