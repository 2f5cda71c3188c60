"""Sockets that one end never closes, in software that has been reported for it."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D10|D31", ("172.21.1.9:80",), "possible", "warning", fault="server", count=8),
    Never("D11", ("server",)),
    Never("D13"),
    Never("D14"),
    Ends("172.21.1.1:34900", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
)
def proxy_leaks_when_the_client_closes_before_the_answer(wire: Wire) -> None:
    """Clients post and close before the answer; the proxy keeps those connections for ever.

    True: the client's FIN is acknowledged, and neither an answer nor a FIN ever comes: CLOSE_WAIT with the request
    unread. Other requests on the same port are answered and closed.

    Source: haproxy/haproxy#1362.
    """
    for number in range(8):
        talk = wire.talk(f"172.21.1.1:{34_900 + number}", "172.21.1.9:80", at=number * 11.0).play(HANDSHAKE)
        talk.play("0.002 > P. 420\n0.0024 < .\n0.050 > F.\n0.0905 < .")
    for number in range(20):
        talk = wire.talk(f"172.21.1.2:{35_000 + number}", "172.21.1.9:80", at=number * 25.0).play(GREETING)
        talk.play(FAREWELL, at=0.5)


@story(
    Says("D10|D31", ("172.21.2.9:5040",), "possible", "note", fault="server"),
    Never("D25"),
    Never("D13"),
    Never("D14"),
    Never("D46"),
    Ends("172.21.2.1:51966", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
)
def fin_is_acknowledged_twice_and_never_answered(wire: Wire) -> None:
    """A log collector acknowledges the client's FIN twice, and never sends its own.

    True: CLOSE_WAIT at the server for as long as the capture lasts, ten minutes. The second ACK is a window update.

    Source: logstash-plugins/logstash-input-tcp#218.
    """
    talk = wire.talk("172.21.2.1:51966", "172.21.2.9:5040", server_ttl=63)
    talk.play(
        "0 > S\n0.0285 < S.\n0.0286 > .\n0.03 > P. 90\n0.0586 < .\n4 > F.\n4.0284 < .\n4.0290 < . win=510"
    )
    beside = wire.talk("172.21.2.4:50000", "172.21.2.9:5040", server_ttl=63).play(GREETING)
    beside.play("600 > P. 90\n600.03 < .")


@story(
    Says("D10|D11|D31", ("172.21.3.9:443",), "possible", "note", fault="client", count=6),
    Never("D13"),
    Ends("172.21.3.1:4442", ("CLOSE_WAIT", "FIN_WAIT2|CLOSED")),
)
def clients_never_close_theirs(wire: Wire) -> None:
    """A server closes idle connections after five minutes, and many clients never close theirs.

    True: the clients acknowledge the FIN and leave it at that: CLOSE_WAIT there, FIN_WAIT2 at the server, in pairs
    that grow in number. It is the clients' software that leaks.

    Source: linkerd/linkerd2#5180.
    """
    for number in range(6):
        talk = wire.talk(f"172.21.3.{1 + number}:4442", "172.21.3.9:443", at=number * 7.0, client_ttl=113)
        talk.play(GREETING).play("300.004 < F.\n300.031 > .")
    talk = wire.talk("172.21.3.70:4442", "172.21.3.9:443", client_ttl=113).play(GREETING)
    talk.play("300.004 < F.\n300.031 > F.\n300.0315 < .")
    wire.talk("172.21.3.71:4442", "172.21.3.9:443", at=900.0, client_ttl=113).play(GREETING)
