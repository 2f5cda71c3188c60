"""Connections that do not outlive a silence, or an age."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, Wire

_LATER = "0 > P. 100\n0.001 < P. 300\n0.0012 > ."
_DEAD = "0 > P. 100\n0.0003 < R"
_VAIN = "0 > P. 100\n0.2 > P. again\n0.6 > P. again\n1.4 > P. again\n3.0 > P. again\n6.2 > P. again\n12.6 > P. again"


def _silences(wire: Wire, server: str, lived: tuple[float, ...], died: tuple[float, ...], end: str) -> None:
    """Let connections be silent for so many seconds, and live on or die."""
    for number, silence in enumerate((*lived, *died)):
        talk = wire.talk(f"10.122.0.9:{42_000 + number}", server, at=3.0 * number, server_ttl=63).play(
            GREETING
        )
        if silence in lived:
            talk.play(_LATER, at=silence).play(FAREWELL, at=silence + 0.01)
        else:
            talk.play(end, at=silence)


@story(
    Says("D08", ("14 min 50 s", "15 min 5 s", "IPVS"), "likely", "error", fault="path", count=3),
    Never("D07"),
)
def ipvs_forgets_after_900_seconds(wire: Wire) -> None:
    """A virtual server forgets silent connections after 900 s.

    True: silences of 300, 880 and 890 s live; those of 905, 1210 and 3600 s end in a reset at the first data. The
    idle time-out of the path lies between 890 and 905 s: that of IPVS.

    Source: moby/moby#31208, moby/moby#37822, docker/docs#5519.
    """
    _silences(wire, "10.122.200.7:8080", (300, 880, 890), (905, 1210, 3600), _DEAD)


@story(
    Says("D08", ("350|5 min 50 s", "NLB|network load balancer"), "likely", "error", fault="path", count=3),
    Never("D07"),
)
def nlb_forgets_after_350_seconds(wire: Wire) -> None:
    """A cloud load balancer forgets silent connections after 350 s, and resets the first data after.

    True: silences of 60, 300 and 345 s live; of 352, 400 and 900 s die.

    Source: awsdocs/elb-network-load-balancers-user-guide#10, StarRocks/starrocks#50153.
    """
    _silences(wire, "10.123.0.7:3306", (60, 300, 345), (352, 400, 900), _DEAD)


@story(
    Says("D08", ("240|4 min", "Azure"), "likely", "error", fault="path", count=2),
    Never("D09"),
)
def azure_forgets_after_240_seconds(wire: Wire) -> None:
    """A cloud load balancer forgets silent connections after four minutes, and says nothing.

    True: silences of 100, 200 and 238 s live; after 250 and 700 s the data is sent again and again in vain.

    Source: confluentinc/librdkafka#3289, Azure/acs-engine#365.
    """
    _silences(wire, "10.126.0.7:5432", (100, 200, 238), (250, 700), _VAIN)


@story(
    Never("D08"),
    Never("D07"),
    Never("D09"),
    Ends("10.127.0.9:42000", ("ESTABLISHED", "ESTABLISHED")),
)
def keepalive_below_the_time_out(wire: Wire) -> None:
    """Keepalives every 300 s carry a connection across an idle time-out of 350 s.

    True: nothing is wrong: each probe is answered, and data flows after an hour.

    Source: the advice that the reports above end with.
    """
    talk = wire.talk("10.127.0.9:42000", "10.127.0.7:3306").play(GREETING)
    for number in range(1, 12):
        talk.play("0 > . seq=100\n0.001 < .", at=300.0 * number)
    talk.play(_LATER, at=3600)


@story(
    Says("D47", ("10.70.62.139|10.70.9.1", "2 h|7200"), "possible", "note", fault="path"),
    Never("D08", confidence="likely"),
    Never("D09"),
)
def tunnel_sleeps(wire: Wire) -> None:
    """A tunnel sleeps: after each long silence its first packet is lost.

    True: the first keepalive probe after a silence of two hours is lost, the second revives the tunnel and is
    answered; this happens twice.

    Source: a report on an IPsec tunnel that rekeys on demand.
    """
    talk = wire.talk("10.70.62.139:54529", "10.70.9.1:22", stamps=False)
    talk.client.next, talk.server.next = 1001, 501
    talk.play("""
        0.000 > . seq=1000
        74.999 > . seq=1000
        75.060 < .
        121.540 < . seq=500
        121.5403 > .
        7321.611 > . seq=1000
        7396.613 > . seq=1000
        7396.674 < .
        7406.301 < . seq=500
        7406.3015 > .
    """)


@story(
    Says("D39", ("12 h", "3"), "likely", "warning", fault="path|server"),
    Never("D08"),
    Never("D07"),
)
def maximum_age_of_twelve_hours(wire: Wire) -> None:
    """Each connection is reset when it is twelve hours old, whatever it is doing.

    True: three connections in a row carry data every half hour and are reset at an age of 43,200 s each.

    Source: a report on a firewall's session time limit; moby/moby#34867 has the same with two hours.
    """
    for number in range(3):
        at = number * 43_205.0
        talk = wire.talk(f"10.96.1.1:{44_000 + number}", "10.42.11.8:443", at=at, stamps=False, server_ttl=58)
        talk.play("0 > S\n0.01 < S.\n0.0101 > .")
        for half_hour in range(24):
            talk.play("0 < P. 100\n0.0003 > .", at=60 + half_hour * 1800.0)
        talk.play("43200 < R.")


@story(
    Says("D17", ("10.128.0.7:3000", "5 s"), "likely", "warning", fault="server", count=3),
    Never("D16"),
    Never("D08"),
)
def node_closes_as_the_request_comes(wire: Wire) -> None:
    """A server drops idle connections after five seconds, as the next request is under way.

    True: three times the FIN and the request cross within a millisecond, after a silence of 5.0 s. The balancer
    answers its client 502.

    Source: nodejs/node#17749 and #27363; growthbook/growthbook-proxy#134 and many like it.
    """
    for number in range(3):
        talk = wire.talk(f"10.128.0.9:{46_000 + number}", "10.128.0.7:3000", at=10.0 * number).play(GREETING)
        talk.play("""
            5.0052 < F.
            5.0054 > P. 100 ack=301
            5.0062 < R seq=302
            5.0063 < R seq=302
        """)


@story(
    Says("D36", ("10.62.0.33:2181",), "likely", "warning", fault="client"),
    Never("D17"),
)
def writes_on_what_the_peer_has_closed(wire: Wire) -> None:
    """A pool hands out a connection that its own kernel knows to be closed.

    True: the server closes after ten seconds; the client's next request acknowledges that FIN, so nothing crossed:
    the pool did not look before it wrote. It is answered by resets.

    Source: reports on HTTP output plugins without a stale check.
    """
    talk = wire.talk("10.62.0.6:56617", "10.62.0.33:2181")
    talk.client.next, talk.server.next = 1, 1
    talk.play("""
        0.0000 > P. 1870
        0.0956 < P. 221
        0.0957 > .
        10.4265 < F.
        10.4306 > P. 1669
        10.43062 > F.
        10.43082 < R seq=223
        10.43083 < R seq=223
    """)


@story(
    Says("D36|D12", ("10.129.0.7:5432",), "likely", "note"),
    Never("D08"),
    Never("D17", confidence="likely"),
)
def database_ends_idle_session(wire: Wire) -> None:
    """A database ends an idle session with a message and a FIN; the pool uses it an hour later.

    True: after 600 s the server sends its last words and closes; the client acknowledges them and stays in CLOSE_WAIT
    for an hour; then its query is answered by a reset. The pool lacks a check.

    Source: ``idle_in_transaction_session_timeout`` of PostgreSQL, seen by connection pools.
    """
    wire.talk("10.129.0.9:42100", "10.129.0.7:5432").play(GREETING).play("""
        600.000 < P. 119
        600.0001 < F.
        600.0010 > .
        4200.00 > P. 60
        4200.001 < R seq=421
    """)


@story(
    Says("D07|D08", ("10.131.0.7:443",), "possible", "warning", count=12),
    Never("D27"),
    Never("D18", confidence="certain"),
)
def failover_forgets_all(wire: Wire) -> None:
    """A pair of firewalls fails over without its table: whatever speaks next is reset.

    True: twelve connections, silent for one to twelve seconds, are reset within a second, each at its first data.
    They share the instant, not a silence.

    Source: reports of failovers of every make.
    """
    for number in range(12):
        talk = wire.talk(f"10.131.0.{10 + number}:42000", "10.131.0.7:443", at=number * 1.0, server_ttl=60)
        talk.play(GREETING)
        left = 20 + number * 0.07 - talk.start
        talk.play("0 > P. 80\n0.0012 < R", at=left)


@story(Never("D*"), Ends("10.132.0.9:42000", ("ESTABLISHED", "ESTABLISHED")))
def long_poll(wire: Wire) -> None:
    """A long poll: the server thinks for 55 seconds, answers, and is asked again.

    True: nothing is wrong.

    Source: any message queue over HTTP.
    """
    talk = wire.talk("10.132.0.9:42000", "10.132.0.7:80").play(GREETING)
    for number in range(4):
        talk.play("0 > P. 200\n0.001 < .\n55 < P. 90\n55.001 > .", at=1 + number * 56.0)


_PROBED = "3.005 > . seq=100\n3.026 < .\n6.005 > . seq=100\n6.026 < ."


@story(
    Says("D30", ("10.132.1.7:80", "9 s"), "possible", fault="undecided", count=4),
    Says("D29", ("2.98 s",), count=4),
    Never("D30", ("3 s",)),
    Never("D08"),
    kept=False,
)
def probes_do_not_keep_the_server_from_closing(wire: Wire) -> None:
    """A server closes connections that were idle for nine seconds, though their clients' kernels probe each three.

    True: a probe is no word of the application: the server's time-out began with the last answer.

    Source: nginx with ``keepalive_timeout 9s`` before clients with TCP_KEEPIDLE of three seconds.
    """
    for number in range(5):
        talk = wire.talk(f"10.132.1.{10 + number}:42000", "10.132.1.7:80", at=number * 0.7).play(GREETING)
        talk.play(_PROBED)
        if number % 2:
            talk.play("8.9 > . seq=100\n8.921 < .")
        talk.play("9.004 < F.\n9.025 > .\n9.026 > F.\n9.027 < .")


@story(
    Says("D17", ("10.132.2.7:80", "9 s|8.9"), "likely", "note", fault="server", count=5),
    Never("D12"),
    Never("D17", ("3 s", "2.9")),
    kept=False,
)
def request_crosses_the_close_of_a_probed_connection(wire: Wire) -> None:
    """The same, and a request is on its way as the server closes.

    True: request and FIN cross after nine seconds without a word; the probes in between were the kernel's.

    Source: nodejs/node#17749, with TCP keepalive turned on at the client.
    """
    for number in range(5):
        talk = wire.talk(f"10.132.2.{10 + number}:42000", "10.132.2.7:80", at=number * 0.7)
        talk.play("0 > S\n0.001 < S.\n0.0211 > .\n0.022 > P. 100\n0.034 < P. 300\n0.0541 > .")
        talk.play(_PROBED).play("9.030 < F.\n9.035 > P. 100 ack=301\n9.0552 > .\n9.056 < R seq=301")


@story(
    Says("D09", ("10.132.3.7:80",), "likely", "error", count=3),
    Never("D39"),
    kept=False,
)
def probes_give_up_at_one_age(wire: Wire) -> None:
    """Three connections of one time go dead, and their client's probes give each up at the same age.

    True: nine probes are not answered, and the kernel resets. That all are as old by then is the probes' doing, and
    no maximum age.

    Source: Linux, tcp_keepalive_probes.
    """
    for number in range(3):
        talk = wire.talk(f"10.132.3.9:{42_000 + number}", "10.132.3.7:80", at=number * 0.7).play(GREETING)
        for probe in range(9):
            talk.play(f"{300.005 + 75 * probe} > . seq=100")
        talk.play("975.1 > R.")
