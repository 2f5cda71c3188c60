"""Stories of what comes round again: checks, pings, renewals, retries and satellites."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D10", ("10.42.1.3:55000",), "likely", "note", fault="client"),
    Never("D09"),
    Never("D08"),
    Never("D51", severity="warning"),
    Never("D13"),
    Ends("10.42.1.3:55000", ("CLOSE_WAIT", "FIN_WAIT2|CLOSED")),
    Ends("10.42.1.4:55001", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def suspended_client_is_left_after_three_questions(wire: Wire) -> None:
    """A user suspends his client; the server asks three times whether anybody is there, and closes.

    True: the client's kernel acknowledges each question, and its process answers none, since it is stopped. It stays
    in CLOSE_WAIT. Another user's client answers the same questions at once.

    Source: ``ClientAliveInterval`` and ``ClientAliveCountMax`` of sshd, with a client that was stopped by Ctrl-Z.
    """
    for number in range(2):
        talk = wire.talk(f"10.42.1.{3 + number}:{55_000 + number}", "10.42.1.9:22", at=4.0 * number)
        talk.play(HANDSHAKE).play(
            "0.01 < P. 40\n0.0101 > .\n0.011 > P. 40\n0.012 < .\n0.05 > P. 500\n0.06 < P. 700"
        )
        talk.play("0.0601 > .")
        for step in range(1, 9):
            talk.play(f"{step} > P. 36\n{step + 0.002} < P. 36\n{step + 0.0021} > .")
        asked = (15.0, 30.0, 45.0) if number == 0 else tuple(15.0 * step for step in range(1, 13))
        for at in asked:
            talk.play(f"{8 + at} < P. 68")
            talk.play(f"{8.0411 + at} > ." if number == 0 else f"{8.001 + at} > P. 28\n{8.0411 + at} < .")
        if number == 0:
            talk.play("68 < F.\n68.0401 > .")


@story(
    Says("D42", ("10.42.2.9:3306", "10.42.2.2"), "possible", "info"),
    Never("D16", severity="warning"),
    Never("D27", severity="warning"),
    Never("D50"),
    Never("D26"),
    Never("D18"),
    Never("D35", severity="warning"),
    kept=False,
)
def balancer_resets_the_greeting_of_a_database(wire: Wire) -> None:
    """A balancer connects to a database every two seconds, and resets as soon as it is greeted.

    True: a health check that asks no more than whether the port is open. The clients work.

    Source: "Aborted connection" and "Host is blocked" in the logs of MySQL behind TCP checks.
    """
    for number in range(40):
        check = wire.talk(f"10.42.2.2:{42_000 + 7 * number}", "10.42.2.9:3306", at=2.0 * number)
        check.play(HANDSHAKE).play("0.0016 < P. 78\n0.0017 > R. ack=1")
    for number in range(10):
        talk = wire.talk(f"10.42.2.{20 + number % 3}:{50_000 + number}", "10.42.2.9:3306", at=7.0 * number)
        talk.play(HANDSHAKE).play("0.002 < P. 78\n0.0021 > .\n0.003 > P. 160\n0.004 < P. 11\n0.0041 > .")
        for step in range(1, 5):
            talk.play(f"{step} > P. 80\n{step + 0.003} < P. 420\n{step + 0.0031} > .")
        talk.play("5 > P. 5\n5.0001 > F.\n5.001 < F.\n5.0011 > .")


@story(
    Says("D01", ("10.42.3.9:389",), "likely", "warning", count=3),
    Never("D54"),
    Never("D26"),
    Never("D34"),
    Never("D01", ("10.42.3.10",)),
    kept=False,
)
def directory_is_asked_at_a_dead_controller_first(wire: Wire) -> None:
    """Each logon takes 21 seconds: the first of two controllers does not answer, and then the second does.

    True: 10.42.3.9 is off. Windows sends three SYNs, 3 and 6 seconds apart, waits 12 more, and takes the next.

    Source: every site whose first domain controller is down.
    """
    for number in range(4):
        client = f"10.42.3.{20 + number}"
        dead = wire.talk(f"{client}:49700", "10.42.3.9:389", at=13.0 * number, stamps=False, client_ttl=128)
        dead.play("0 > S\n3.01 > S again\n9.02 > S again")
        alive = wire.talk(
            f"{client}:49701",
            "10.42.3.10:389",
            at=13.0 * number + 21.03,
            stamps=False,
            client_ttl=128,
            server_ttl=128,
        )
        alive.play(GREETING).play("0.01 > P. 260\n0.013 < P. 900\n0.0131 > .").play(FAREWELL, at=2)
    crowd(wire, Crowd("10.42.3.10:445", "10.42.4", 16, every=3.5, stamps=False, seed=3))


@story(
    Says("D39|D30|D59", ("10.42.5.9:50051", "40 s|40.0 s|39.9"), "possible", "note", count=4),
    Never("D08"),
    Never("D17"),
    Never("D07"),
    Never("D49"),
    kept=False,
)
def pings_that_come_too_often_end_each_connection(wire: Wire) -> None:
    """A server of gRPC closes each connection of one client when it is 40 seconds old.

    True: the client pings every ten seconds without a call under way; the server allows one in five minutes, counts
    three strikes, says so (GOAWAY) and closes. The client connects anew at once. A second client that does not ping
    stays connected.

    Source: "too_many_pings" and ENHANCE_YOUR_CALM in reports on gRPC.
    """
    for number in range(6):
        talk = wire.talk(f"10.42.5.3:{46_000 + number}", "10.42.5.9:50051", at=40.2 * number).play(GREETING)
        for step in range(1, 4):
            talk.play(f"{10 * step} > P. 17\n{10 * step + 0.0004} < P. 17\n{10 * step + 0.0405} > .")
        talk.play("40 > P. 17\n40.0004 < P. 54\n40.00045 < F.\n40.0005 > .\n40.0009 > F.\n40.0012 < .")
    calm = wire.talk("10.42.5.4:46500", "10.42.5.9:50051", at=1).play(GREETING)
    for step in range(1, 24):
        calm.play(f"{10 * step + 3} > P. 200\n{10 * step + 3.006} < P. 300\n{10 * step + 3.0061} > .")


@story(
    Says("D54|D56", ("10.42.6.99:1433",), "possible", "note", count=3),
    Never("D09"),
    Never("D08"),
    Never("D47", severity="warning"),
    Never("D24"),
    Never("D54", ("10.42.7.",)),
    Ends("10.42.6.3:47000", ("ESTABLISHED", "ESTABLISHED")),
    Ends("10.42.7.3:47000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def tunnel_is_renewed_and_drops_all_for_five_seconds(wire: Wire) -> None:
    """Every ten minutes four clients in a branch wait for five seconds, and those in the head office do not.

    True: the branch's tunnel is renewed, and nothing passes until both ends have the new keys. The server is well:
    its other clients are answered all the time.

    Source: reports on IPsec tunnels whose second phase expires with "no overlap".
    """
    for number in range(4):
        branch = wire.talk(f"10.42.6.{3 + number}:47000", "10.42.6.99:1433", at=0.2 * number, client_ttl=62)
        branch.play("0 > S\n0.00005 < S.\n0.03 > .\n0.031 > P. 100\n0.034 < P. 300\n0.064 > .")
        for step in range(1, 350):
            at = 4.0 * step
            shifted = at + 0.2 * number
            down = next((cut for cut in (600.0, 1200.0) if cut <= shifted < cut + 5), None)
            if down is None:
                branch.play(f"{at} > P. 90\n{at + 0.004} < P. 250\n{at + 0.034} > .")
            elif shifted - 4 < down:
                # its question was on the way already: the answer is lost, again and again
                branch.play(f"{at} > P. 90\n{at + 0.004} < P. 250")
                for wait in (0.24, 0.7, 1.6, 3.4):
                    branch.play(f"{at + wait} < P. again")
                branch.play(f"{at + 5.33} < P. again\n{at + 5.36} > .")
    office = wire.talk("10.42.7.3:47000", "10.42.6.99:1433", at=0.5, client_ttl=63).play(GREETING)
    for step in range(1, 350):
        at = 4.0 * step
        office.play(f"{at} > P. 90\n{at + 0.003} < P. 250\n{at + 0.0034} > .")


@story(
    Never("D*", severity="warning"),
    Never("D54"),
    Never("D56"),
    Never("D09"),
    Never("D08"),
    Ends("10.42.8.3:48000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def satellites_are_changed_every_fifteen_seconds(wire: Wire) -> None:
    """Every fifteen seconds each of three busy connections loses a segment or two, and goes on.

    True: the dish takes the next satellite. Nothing is wrong that anybody could mend; nobody waits for a second.

    Source: measurements of networks of low satellites.
    """
    for number in range(3):
        talk = wire.talk(f"10.42.8.3:{48_000 + number}", "203.0.113.8:443", at=0.1 * number, server_ttl=52)
        talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 400\n0.085 < P. 1200\n0.0851 > .")
        for step in range(1, 150):
            at = 0.5 * step
            lost = "lost" if step % 30 == 12 else ""
            talk.play(f"{at} > P. 120\n{at + 0.045} < P. 1300 {lost}")
            if lost:
                talk.play(f"{at + 0.31} < P. again\n{at + 0.3101} > .")
            else:
                talk.play(f"{at + 0.0451} > .")
