"""Stories of devices, yards and home networks: radios, door locks, recorders, tills, and what stands before them."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, Wire


@story(
    Says("D07", ("10.70.1.9:4370", "no longer knew"), "likely", "warning"),
    Never("D18"),
    Never("D16", severity="warning"),
    Never("D09"),
    Never("D02"),
    Ends("10.70.1.3:50000", ("CLOSED", "CLOSED")),
    kept=False,
)
def door_lock_restarts_every_night(wire: Wire) -> None:
    """A controller loses its door locks every night, and finds out in the morning, at the first badge.

    True: a watchdog restarts each lock at two o'clock. It comes back within ten seconds, with nothing of its old
    connection. The controller's first command in the morning is reset; the next connection works at once. The
    silences before differ, as each door is first used at another time.

    Source: forums on access controllers; the same with energy meters and intercoms.
    """
    for number, morning in enumerate((14_400.0, 15_730.0, 17_100.0, 14_950.0)):
        talk = wire.talk(
            f"10.70.1.3:{50_000 + number}",
            f"10.70.1.{9 + number}:4370",
            stamps=False,
            server_ttl=255,
            at=0.3 * number,
        )
        talk.play("0 > S\n0.004 < S.\n0.0041 > .\n0.01 > P. 16\n0.03 < P. 16\n0.2 > .")
        for step in range(1, 6):
            talk.play(f"{700 * step} > P. 24\n{700 * step + 0.05} < P. 16\n{700 * step + 0.25} > .")
        talk.play(f"{3500 + morning} > P. 24\n{3500 + morning + 0.004} < R seq={talk.server.next} win=0")
        again = wire.talk(
            f"10.70.1.3:{50_100 + number}",
            f"10.70.1.{9 + number}:4370",
            stamps=False,
            server_ttl=255,
            at=3501 + morning,
        )
        again.play(
            "0 > S\n0.004 < S.\n0.0041 > .\n0.01 > P. 16\n0.03 < P. 16\n0.2 > .\n0.3 > P. 24\n0.35 < P. 16"
        )


@story(
    Says("D16|D27|D35|D51", ("10.70.2.9:443",), "possible", "note", count=4),
    Never("D18", confidence="certain"),
    Never("D24"),
    Never("D09"),
    Never("D02"),
    kept=False,
)
def hello_is_too_new_for_the_appliance(wire: Wire) -> None:
    """New browsers cannot open an appliance's page; old ones can.

    True: the new browsers' hello is 1,750 bytes (a post-quantum key share) and comes in two segments. The appliance
    reads only the first, takes it for rubbish, and resets half a millisecond later, before or after the second. A
    hello of 517 bytes works.

    Source: tldr.fail, on servers that read the hello with one read().
    """
    for number in range(6):
        talk = wire.talk(
            f"10.70.2.{20 + number}:{51_000 + number}", "10.70.2.9:443", at=3.1 * number, stamps=False
        )
        talk.play("0 > S\n0.001 < S.\n0.0011 > .")
        if number % 3 == 2:
            talk.play("0.002 > P. 517\n0.003 < .\n0.01 < P. 1300\n0.0101 > .\n0.02 > P. 90\n0.03 < P. 600")
            talk.play(FAREWELL, at=0.4)
        else:
            talk.play("0.002 > . 1460\n0.00205 > P. 290\n0.003 < .\n0.0035 < R. ack=1751")


@story(
    Says("D23", ("10.70.3.9:9100",), "likely", "note", count=3),
    Says("D02", ("10.70.3.9:9100",), "likely", count=2),
    Never("D26"),
    Never("D24"),
    Never("D08"),
    Never("D27", severity="warning"),
    kept=False,
)
def print_server_serves_one_and_keeps_four_waiting(wire: Wire) -> None:
    """Jobs for a label printer wait for each other, and the fifth machine is turned away.

    True: the printer takes one connection at a time; its stack holds four more that it does not read, with a window
    of 1,460 bytes each: they are opened, send their first segment, and wait. A further SYN is reset. When a job is
    over, the next is read.

    Source: raw port 9100 of label printers, and their one-job firmware.
    """
    done = 0.0
    for number in range(5):
        talk = wire.talk(
            f"10.70.3.{20 + number}:{52_000 + number}",
            "10.70.3.9:9100",
            at=0.2 * number,
            stamps=False,
            server_scale=None,
            server_window=1460,
            server_mss=1460,
        )
        talk.play("0 > S\n0.002 < S. win=1460\n0.0021 > .\n0.003 > . 1460\n0.02 < . win=0")
        start = max(done, 0.4)
        probe, wait = 0.4, 0.4
        while probe < start - 0.2 * number:
            talk.play(f"{probe} > . seq=1460\n{probe + 0.002} < . win=0")
            probe, wait = probe + wait, min(wait * 2, 60)
        at = start - 0.2 * number
        talk.play(f"{at} < . win=1460")
        for _ in range(10):
            talk.play(f"{at + 0.001} > P. 1460\n{at + 0.9} < .")
            at += 0.9
        talk.play(f"{at + 0.01} > F.\n{at + 0.012} < .\n{at + 0.013} < F.\n{at + 0.0131} > .")
        done = at + 0.2 * number + 0.1
    for number in range(2):
        late = wire.talk(f"10.70.3.{30 + number}:53000", "10.70.3.9:9100", at=1.5 + number, stamps=False)
        late.play("0 > S\n0.002 < R. seq=0\n0.5 > S again\n0.502 < R. seq=0\n1.0 > S again\n1.002 < R. seq=0")


@story(
    Says("D56|D57|D54|D47", ("10.70.4.",), "possible", "note", count=3),
    Never("D09", confidence="certain"),
    Never("D24"),
    Never("D08"),
    Never("D49", severity="note"),
    kept=False,
)
def handheld_scanners_roam_between_access_points(wire: Wire) -> None:
    """Scanners in a warehouse hang for two to four seconds whenever their user walks down an aisle.

    True: the radio changes its access point, and the switch goes on sending to the old one until the scanner speaks.
    What the server sends meanwhile is lost, and comes again; nothing else is wrong. The capture is made at the
    server.

    Source: support cases of telnet emulation on handheld terminals.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.70.4.{20 + number}:{40_000 + number}", "10.70.4.9:23", at=0.7 * number, client_ttl=127
        )
        talk.play("0 > S\n0.00004 < S.\n0.012 > .\n0.013 > P. 12\n0.0135 < P. 60\n0.02 > .")
        for step in range(1, 40):
            at = 3.0 * step
            talk.play(f"{at} > P. 14\n{at + 0.004} < P. 220")
            if step % 13 == 4 + number:
                for wait in (0.21, 0.64, 1.5, 2.6)[: 3 + step % 2]:
                    talk.play(f"{at + wait} < P. again")
                end = at + (2.6 if step % 2 else 1.5)
                talk.play(f"{end + 0.011} > .")
            else:
                talk.play(f"{at + 0.016} > .")


@story(
    Says("D10|D31", ("10.70.5.9:554",), "likely", "warning", fault="server", count=6),
    Says("D01", ("10.70.5.9:554",), "possible", "warning", count=2),
    Never("D26"),
    Never("D08"),
    Never("D04"),
    kept=False,
)
def recorder_asks_a_camera_until_it_has_no_sockets(wire: Wire) -> None:
    """A camera answers for an hour after each restart, and then nobody can connect to it.

    True: the recorder asks every ten seconds with a wrong password, is refused by a word, and closes; the camera's
    program forgets to close those. When its eight sockets stand in CLOSE_WAIT, further SYNs are not answered.

    Source: forums on ONVIF cameras with "too many sockets".
    """
    for number in range(8):
        talk = wire.talk(
            f"10.70.5.3:{45_000 + number}",
            "10.70.5.9:554",
            at=10.0 * number,
            stamps=False,
            server_scale=None,
            server_window=5840,
        )
        talk.play(
            "0 > S\n0.002 < S.\n0.0021 > .\n0.003 > P. 180\n0.02 < P. 140\n0.0201 > .\n0.03 > F.\n0.032 < ."
        )
    for number in range(8, 14):
        late = wire.talk(f"10.70.5.3:{45_000 + number}", "10.70.5.9:554", at=10.0 * number, stamps=False)
        late.play("0 > S\n1 > S again\n3 > S again\n7 > S again")


@story(
    Says("D30", ("10.70.6.9:8443", "10 min"), "possible", "info", count=12),
    Never("D07"),
    Never("D09"),
    Never("D18", confidence="certain"),
    Never("D36", severity="warning"),
    kept=False,
)
def tills_keep_quiet_for_ten_minutes_and_are_dropped(wire: Wire) -> None:
    """Card terminals lose their line to the host each ten minutes, and nobody notices, as they connect anew.

    True: the host closes what was idle for 600 s by a reset (SO_LINGER of 0). Terminals that sell more often stay
    connected for the whole day.

    Source: settings of payment hosts ("idle disconnect 600").
    """
    for number in range(4):
        for round_ in range(3):
            talk = wire.talk(
                f"10.70.6.{20 + number}:{46_000 + 10 * number + round_}",
                "10.70.6.9:8443",
                at=612.0 * round_ + 5 * number,
                client_ttl=62,
            )
            talk.play(GREETING).play("3 > P. 300\n3.4 < P. 200\n3.4004 > .\n603.402 < R. ack=401")
    busy = wire.talk("10.70.6.40:47000", "10.70.6.9:8443", at=1, client_ttl=62).play(GREETING)
    for step in range(1, 20):
        busy.play(f"{90 * step} > P. 300\n{90 * step + 0.4} < P. 200\n{90 * step + 0.4004} > .")


@story(
    Says("D01", ("10.70.7.9:25565",), "likely", "error", count=5),
    Never("D26"),
    Never("D34", confidence="certain"),
    Never("D38"),
    kept=False,
)
def home_server_behind_a_carrier_has_no_public_address(wire: Wire) -> None:
    """Friends cannot join a game at home, while those in the house can.

    True: the provider translates many homes to one address (carrier-grade NAT), so the port that was forwarded on the
    router at home is never reached. Guests ask 10.70.7.9 (their provider's side) in vain.

    Source: forums of Starlink and mobile users ("port forwarding does not work").
    """
    for number in range(6):
        guest = wire.talk(
            f"203.0.113.{20 + number}:{50_000 + number}", "10.70.7.9:25565", at=20.0 * number, client_ttl=114
        )
        guest.play("0 > S\n1.01 > S again\n3.02 > S again\n7.03 > S again")
    for number in range(4):
        inside = wire.talk(
            f"192.168.1.{20 + number}:{51_000 + number}", "192.168.1.9:25565", at=9.0 * number
        ).play(GREETING)
        for step in range(1, 60):
            inside.play(f"{step} > P. 30\n{step + 0.05} < P. 200\n{step + 0.0504} > .")


@story(
    Says("D23", ("10.70.8.20:48000",), "likely", "warning", fault="client"),
    Never("D09"),
    Never("D51"),
    Never("D24"),
    Never("D49"),
    Ends("10.70.8.20:48000", ("ESTABLISHED", "ESTABLISHED")),
    Ends("10.70.8.21:48001", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def one_viewer_sleeps_and_the_stream_goes_on(wire: Wire) -> None:
    """Of two viewers of a stream one closed the lid of her notebook with the player paused.

    True: the player reads no more, its buffer fills, its window shuts, and the server probes it for minutes; the
    notebook answers probes, as it only dozes (its radio is awake). The other viewer goes on.

    Source: streaming servers whose buffers grow, and ``ss`` output in their issue threads.
    """
    for number in range(2):
        talk = wire.talk(
            f"10.70.8.{20 + number}:{48_000 + number}", "10.70.8.9:8000", at=0.5 * number, client_ttl=63
        )
        talk.play("0 > S\n0.00004 < S.\n0.004 > .\n0.005 > P. 200\n0.006 < P. 400\n0.01 > .")
        step = 1.0
        while step < 240:
            if number == 0 and step > 30:
                break
            talk.play(f"{step} < P. 1448\n{step + 0.004} > .")
            step += 1.0
        if number == 0:
            for left in range(8):
                talk.play(f"{31 + left} < P. 1448\n{31 + left + 0.04} > . win={max(0, 79 - 12 * left)}")
            talk.client.window = 0
            talk.play("39 < P. 1448\n39.04 > . win=0")
            probe, wait = 39.3, 0.25
            while probe < 240:
                talk.play(f"{probe} < . seq={talk.server.next - 1}\n{probe + 0.005} > .")
                probe, wait = probe + wait, min(wait * 2, 60)


@story(
    Says("D20", ("10.70.9.9:502",), "likely", "note", count=6),
    Never("D01", severity="error"),
    Never("D26"),
    Never("D02"),
    Never("D43"),
    kept=False,
)
def controller_always_connects_from_one_port(wire: Wire) -> None:
    """A controller connects to its meter from port 1024 each time, and each connect but the first takes three
    seconds.

    True: its firmware binds a fixed port. The meter, which closed first, holds the old connection in TIME_WAIT, and
    answers the SYN with an acknowledgement of the old number; the controller resets that, and the copy of its SYN is
    accepted.

    Source: forums on PLCs with fixed local ports, RFC 9293, 3.6.1.
    """
    for number in range(8):
        meter = wire.talk(
            "10.70.9.3:1024",
            "10.70.9.9:502",
            at=20.0 * number,
            stamps=False,
            client_scale=None,
            client_window=2048,
        )
        meter.client.isn = (90_000 - 7_000 * number) % 2**32
        base = 0.0
        if number:
            meter.play("0 > S")
            old = 5_000_000 + 64_000 * (number - 1)
            shift = (old + 31 - meter.server.isn) % 2**32
            client_old = (90_000 - 7_000 * (number - 1) + 26 - meter.client.isn) % 2**32
            meter.play(f"0.002 < . seq={shift} ack={client_old}\n0.0022 > R seq={client_old}")
            meter.server.next = 0
            meter.play("3 > S again")
            base = 3.0
        else:
            meter.play("0 > S")
        meter.server.isn = 5_000_000 + 64_000 * number
        meter.play(f"{base + 0.002} < S.\n{base + 0.003} > .\n{base + 0.01} > P. 12\n{base + 0.03} < P. 29")
        meter.play(f"{base + 0.04} > P. 12\n{base + 0.06} < F.\n{base + 0.0603} > F.\n{base + 0.062} < .")


@story(
    Says("D42", ("10.70.10.9:6443",), "possible", "info"),
    Never("D*", severity="warning"),
    Never("D35", severity="note"),
    Never("D26"),
    kept=False,
)
def two_balancers_check_one_port(wire: Wire) -> None:
    """A pair of balancers look every three seconds whether a port is open, each for itself, and users come and go.

    True: nothing is wrong. The active and the spare one both check, by a connect that they close with a FIN, or with
    a reset, as each of them is set.

    Source: keepalived and HAProxy in front of the control plane of Kubernetes.
    """
    for number in range(40):
        first = wire.talk(f"10.70.10.2:{40_000 + number}", "10.70.10.9:6443", at=3.0 * number)
        first.play("0 > S\n0.0003 < S.\n0.00035 > .\n0.0004 > F.\n0.0008 < F.\n0.00085 > .")
        second = wire.talk(f"10.70.10.3:{41_000 + number}", "10.70.10.9:6443", at=3.0 * number + 1.4)
        second.play("0 > S\n0.0003 < S.\n0.00035 > .\n0.0004 > R. ack=1")
    crowd(wire, Crowd("10.70.10.9:6443", "10.70.11", 16, every=7.0, seed=10))
