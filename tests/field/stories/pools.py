"""Stories of servers, pools and limits, as real programs played them in the lab's own networks."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Talk, Wire


@story(
    Says("D58", ("10.42.1.9:80", "answered by a reset"), "likely", "warning", count=9),
    Never("D36"),
    Never("D12"),
    Never("D08"),
    Never("D18"),
    kept=False,
)
def newcomers_take_the_places_of_the_idle(wire: Wire) -> None:
    """A web server has places for six: each client that comes has it close the one that was idle for longest.

    True: its log says that there are not enough ``worker_connections``, and that it reuses them. The clients ask
    every three seconds, find out by a reset, and none of the connections is older than two seconds then.

    Source: nginx 1.22 with ``worker_connections 12``, played; its ``ngx_drain_connections``.
    """
    held: list[Talk] = []
    for number in range(15):
        start = 0.2 * number
        talk = wire.talk(f"10.42.1.3:{42_000 + number}", "10.42.1.9:80", at=start).play(HANDSHAKE)
        talk.play("0.002 > P. 27\n0.0022 < P. 150\n0.0023 > .")
        if number >= 6:
            old = held.pop(0)
            gone = start + 0.0012 - old.start
            old.play(f"{gone} < F.\n{gone + 0.04} > .\n3 > P. 27\n3.00005 < R")
        held.append(talk)
    for talk in held:
        for at in (3, 6, 9):
            talk.play(f"{at} > P. 27\n{at + 0.0002} < P. 150\n{at + 0.0003} > .")


@story(
    Says("D30", ("10.42.2.9:3306", "6 s|5.9"), "likely", "note", count=12),
    Never("D27"),
    Never("D18"),
    Never("D08", severity="error"),
    kept=False,
)
def database_resets_what_the_pool_leaves_alone(wire: Wire) -> None:
    """A database resets each connection of a pool after six seconds of silence: four of them at one instant, thrice.

    True: ``wait_timeout`` is 6 s, and the pool uses its connections together, every fifteen seconds. The server's
    program goes on: it takes new connections at once.

    Source: MariaDB 10.11 with ``wait_timeout = 6``, played.
    """
    for number in range(12):
        used, place = divmod(number, 4)
        talk = wire.talk(f"10.42.2.3:{43_000 + number}", "10.42.2.9:3306", at=15.0 * used + 0.06 * place)
        talk.play(HANDSHAKE).play("0.002 < P. 104\n0.0021 > .\n0.003 > P. 119\n0.0032 < P. 11")
        asked = 0.3 - 0.06 * place + 0.0002 * place
        talk.play(f"{asked} > P. 13\n{asked + 0.0001} < P. 56\n{asked + 0.04} > .\n{asked + 6.0301} < R.")


@story(
    Says("D36", ("10.42.3.9:5432", "silence of 3.97 s"), "likely", "warning", count=4),
    Never("D12"),
    Never("D18"),
    Never("D07"),
    Ends("10.42.3.3:44000", ("CLOSED", "CLOSED")),
    kept=False,
)
def database_says_why_it_ends_idle_transactions(wire: Wire) -> None:
    """A database ends transactions that were idle for four seconds with a message, acknowledged before its FIN comes.

    True: ``idle_in_transaction_session_timeout``. The pool does not look, and asks again fifteen seconds later; its
    requests are of 14 bytes.

    Source: PostgreSQL 15, played with psycopg2.
    """
    for number in range(4):
        talk = wire.talk(f"10.42.3.3:{44_000 + number}", "10.42.3.9:5432", at=0.004 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 36\n0.004 < P. 406\n0.0041 > .\n2 > P. 11\n2.0001 < P. 17\n2.0002 > P. 14")
        talk.play("2.0003 < P. 66\n2.04 > .\n6.01 < P. 123\n6.0101 > .\n6.012 < F.\n6.055 > .")
        talk.play("21.7 > P. 14\n21.7001 < R")


@story(
    Says("D49", ("10.42.4.9:6379", "stood still", "11.4 s|11.9 s|12 s"), "likely", "note", count=5),
    Says("D02", ("10.42.4.9:6379", "program ended"), "likely", "warning", count=6),
    Never("D36"),
    Never("D54"),
    Never("D09"),
    Never("D08"),
    kept=False,
)
def server_is_stopped_goes_on_and_is_killed(wire: Wire) -> None:
    """A server stands still for twelve seconds, answers all five clients then, and is killed ten seconds later.

    True: ``kill -STOP``, ``-CONT`` and ``-KILL``. Its kernel acknowledges what comes meanwhile. At the end it sends a
    FIN on each connection, milliseconds before the next requests come, and refuses who connects again.

    Source: redis 7.0, played.
    """
    for number in range(5):
        talk = wire.talk(f"10.42.4.3:{45_000 + number}", "10.42.4.9:6379", at=0.15 * number).play(GREETING)
        begin = 0.15 * number
        for at in range(1, 6):
            talk.play(f"{at} > P. 6\n{at + 0.0001} < P. 7\n{at + 0.0002} > .")
        talk.play(f"6 > P. 6\n6.04 < .\n{18 - begin} < P. 7\n{18.0001 - begin} > .")
        for at in range(19, 28):
            talk.play(f"{at - begin} > P. 6\n{at + 0.0001 - begin} < P. 7\n{at + 0.0002 - begin} > .")
        talk.play(
            f"{27.995 - begin} < F.\n{27.9952 - begin} > .\n{28 - begin} > P. 6\n{28.00005 - begin} < R"
        )
    for number in range(6):
        again = wire.talk(f"10.42.4.3:{45_100 + number}", "10.42.4.9:6379", at=30 + number)
        again.play("0 > S\n0.00003 < R.")


@story(
    Says("D49", ("10.42.5.9:80", "8 of these answers", "5 s"), "likely", "info", count=12),
    Never("D51"),
    Never("D*", severity="warning"),
    kept=False,
)
def proxy_gives_up_those_who_queue(wire: Wire) -> None:
    """A proxy lets two requests at a time through to a server that takes three seconds; whoever has queued for five
    seconds gets an error.

    True: ``timeout queue 5s`` and ``maxconn 2`` of the server in HAProxy: four are served after 3 or 5.9 s, eight get
    a 503 after five.

    Source: haproxy 2.6 before gunicorn, played.
    """
    for number in range(12):
        wait = 3.003 if number < 2 else 5.9 - 0.05 * (number - 2) if number < 4 else 5.0 + 0.0005 * number
        answer = 115 if number < 4 else 233
        talk = wire.talk(f"10.42.5.3:{46_000 + number}", "10.42.5.9:80", at=0.05 * number).play(HANDSHAKE)
        talk.play(f"0.002 > P. 46\n0.0026 < .\n{wait} < P. {answer}\n{wait + 0.0001} > .")
        talk.play(f"{wait + 0.0002} < F.\n{wait + 0.0003} > F.\n{wait + 0.0004} < .")
