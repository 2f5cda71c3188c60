"""Connections that do not end as they should, or do and are misread."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, Wire


@story(
    Says("D13", ("10.133.0.2:443",), "possible", "warning"),
    Never("D10", confidence="likely"),
    Never("D15"),
    Never("D09"),
)
def fin_with_data_unanswered(wire: Wire) -> None:
    """The client's FIN is lost; minutes later the server's FIN, with data, is sent five times in vain.

    True: the server never acknowledged the client's FIN, so nothing proves CLOSE_WAIT; the FINs are 235 s apart and
    did not cross.

    Source: a public capture.
    """
    wire.talk("10.133.0.1:20394", "10.133.0.2:443", server_ttl=239).play(GREETING).play("""
        38.2087 > P. 31
        38.2088 > F.
        38.6198 < . ack=132
        273.6268 < P. 31 ack=132
        273.9365 < PF. 31 seq=301 ack=132
        274.5465 < PF. again ack=132
        275.7565 < PF. again ack=132
        278.1665 < PF. again ack=132
    """)


@story(
    Says("D10", ("1 min 14|74.7",), "likely", "note", fault="client"),
    Says("D13|D14", ("10.134.0.1:49328",), "possible", "warning"),
    Never("D10", ("2 min 40", "160")),
)
def closes_late_and_unanswered(wire: Wire) -> None:
    """A client stays in CLOSE_WAIT for 74.7 s, then its FIN is sent six times unanswered, and it gives up.

    True: CLOSE_WAIT lasted from 9.6 s to 84.3 s. The first closer is gone: its FIN_WAIT2 had timed out.

    Source: a public capture of a Windows client.
    """
    talk = wire.talk("10.134.0.1:49328", "10.134.0.2:80", client_ttl=128, server_ttl=48, stamps=False)
    talk.play(GREETING).play("9.5988 < F.\n9.6003 > .\n84.2999 > F.")
    for at in (85.643, 88.343, 93.743, 104.543, 126.143):
        talk.play(f"{at} > F. again")
    talk.play("169.345 > R.")


@story(
    Never("D10", confidence="certain"),
    Never("D10", severity="error"),
)
def close_wait_that_nothing_proves(wire: Wire) -> None:
    """A server closes; the capture holds no acknowledgement of that by the client, and nothing more.

    True: whether the FIN arrived is not known: CLOSE_WAIT is presumed.

    Source: a public capture.
    """
    wire.talk("10.135.0.1:49435", "10.135.0.2:80", client_ttl=128, stamps=False).play(GREETING).play(
        "10 < F."
    )
    wire.talk("10.135.0.1:49436", "10.135.0.2:80", at=400, client_ttl=128, stamps=False).play(GREETING)


@story(Never("D*", severity="note"), Ends("10.136.0.13:59898", ("TIME_WAIT|CLOSED", "TIME_WAIT|CLOSED")))
def ftp_quit(wire: Wire) -> None:
    """An FTP client says QUIT, the server says goodbye and closes, and so does the client.

    True: nothing is wrong; the QUIT was answered before either closed.

    Source: a public capture.
    """
    wire.talk("10.136.0.13:59898", "10.136.0.10:21", client_ttl=128).play("""
        0.0000 > S
        0.0069 < S.
        0.0073 > .
        1.4686 < P. 20
        1.6765 > .
        11.369 > P. 16
        11.379 < .
        11.380 < P. 34
        11.590 > .
        25.100 > P. 6
        25.1042 < P. 14
        25.1043 < F.
        25.1047 > .
        25.1060 > F.
        25.1065 < .
    """)


@story(
    Never("D14", severity="note"),
    Ends("10.137.2.17:56996", ("TIME_WAIT|CLOSED", "TIME_WAIT|CLOSED|LAST_ACK")),
)
def fin_rides_on_the_ack(wire: Wire) -> None:
    """Both ends close at once; the client's FIN comes once more within the round trip.

    True: each FIN was acknowledged. The copy left before the acknowledgement could have come: nothing was lost.

    Source: a public capture.
    """
    talk = wire.talk("10.137.2.17:56996", "10.137.2.1:443", server_ttl=49)
    talk.client.next, talk.server.next = 1, 1
    talk.play("""
        0.000000 > P. 46
        0.000019 > P. 31
        0.000068 > F.
        0.023731 < . ack=47
        0.023734 < . ack=78
        0.023805 < F. ack=78
        0.023935 < . ack=79
        0.025571 > F. again
    """)


@story(Never("D14", severity="note"), Never("D14", confidence="certain"))
def tap_reorders_the_close(wire: Wire) -> None:
    """The tap puts the last ACK before the FIN that it acknowledges.

    True: both closed in good order and nothing was lost.

    Source: a public capture.
    """
    wire.talk("10.138.6.146:30709", "10.138.2.203:25").play(GREETING).play("""
        1.00000 > P. 20
        1.00003 < .
        1.67740 < P. 48
        1.67746 > .
        1.67997 < F.
        1.679996 < . ack=122 seq=350
        1.680003 > F. ack=350
    """)


@story(
    Says("D13", ("10.139.0.3:39207",), "possible", "note"),
    Never("D08"),
    Ends("10.139.0.3:39207", ("FIN_WAIT1|CLOSED", "UNKNOWN|ESTABLISHED|CLOSE_WAIT")),
)
def fin_backoff_is_no_silence(wire: Wire) -> None:
    """A FIN is sent again with growing pauses, the last of them 85 s.

    True: the pauses are a timer's: nobody was silent, and no idle time-out shows.

    Source: a public capture.
    """
    talk = wire.talk("10.139.0.3:39207", "10.139.0.1:80")
    talk.client.next, talk.server.next = 1, 1
    talk.play("0 > .\n11.868 > F. seq=2")
    for at in (12.108, 12.348, 12.828, 13.788, 15.712, 19.560, 104.224):
        talk.play(f"{at} > F. again")


@story(
    Never("D11", confidence="likely"),
    Says("D13", (), "possible", "info"),
    Ends("10.140.5.16:53613", ("FIN_WAIT1", "UNKNOWN|CLOSE_WAIT|ESTABLISHED")),
)
def one_way_fin_sent_three_times(wire: Wire) -> None:
    """One direction only: a FIN is sent three times, 18 s apart.

    True: the FIN was not acknowledged, or it would not have been sent again: FIN_WAIT1.

    Source: a public capture.
    """
    talk = wire.talk("10.140.5.16:53613", "10.140.5.1:80")
    talk.client.next, talk.server.next = 1, 1
    talk.play("0 > F.\n18.09 > F. again\n36.19 > F. again")


@story(
    Says("D10", ("10.141.0.9", "10.141.0.7:8080"), "likely", "warning", fault="client", count=5),
    Never("D11"),
    Never("D30", severity="note"),
)
def pool_leaks_close_wait(wire: Wire) -> None:
    """A client never closes responses that it does not read: its sockets stay in CLOSE_WAIT.

    True: the server closes five idle connections after 30 s; the client acknowledges and does nothing for ten
    minutes. The client leaks, not the server.

    Source: franela/goreq#76, scalaj/scalaj-http#49, ReactiveX/RxNetty#555.
    """
    for number in range(5):
        talk = wire.talk(f"10.141.0.9:{41_000 + number}", "10.141.0.7:8080", at=number * 2.0)
        talk.play(GREETING).play("30 < F.\n30.0002 > .")
    wire.talk("10.141.0.9:41050", "10.141.0.7:8080", at=640).play(GREETING).play(FAREWELL, at=0.5)


@story(
    Says("D13", ("10.142.0.7:443",), "likely", "warning", count=4),
    Never("D09"),
    Never("D10"),
)
def firewall_drops_every_fin(wire: Wire) -> None:
    """A firewall removes a connection from its table at the first FIN and drops the FIN with it.

    True: four clients close, send their FIN again with growing pauses, and hear nothing.

    Source: opnsense/core#4391, NordSecurity/libtelio#40.
    """
    for number in range(4):
        talk = wire.talk(f"10.142.0.{10 + number}:40100", "10.142.0.7:443", at=number * 1.0).play(GREETING)
        talk.play("5 > F.")
        for at in (5.2, 5.6, 6.5, 8.2, 11.6, 18.2, 31.5):
            talk.play(f"{at} > F. again")


@story(
    Never("D10", severity="warning"),
    Never("D11", severity="note"),
    Never("D09"),
)
def half_close_while_data_streams(wire: Wire) -> None:
    """A client sends its question, closes its direction, and reads the answer for 90 seconds.

    True: the half-close is meant. Nothing is wrong.

    Source: ``nc -N``, ``ssh`` pipelines, rsh.
    """
    talk = wire.talk("10.143.0.9:40100", "10.143.0.7:9999").play(GREETING).play("0.01 > F.\n0.011 < .")
    for second in range(1, 91, 3):
        talk.play(f"{second} < P. 1000\n{second + 0.001} > .")
    talk.play("91 < F.\n91.001 > .")


@story(
    Says("D12|D36", ("10.144.0.7:80", "lost"), "likely", "note", fault="client", count=3),
    Never("D12", ("take its answer",)),
    Never("D12|D36", confidence="certain"),
    Never("D17"),
    kept=False,
)
def asks_again_on_what_was_just_closed(wire: Wire) -> None:
    """A server closes after each answer, and a client asks once more on the same connection a moment later.

    True: the client has its answer, and has acknowledged the FIN behind it; 110 ms later it asks again, and a reset
    answers. The answer is safe; the second request is lost.

    Source: requests of the readers of wirestat's findings; HTTP/1.0 servers behind a client that keeps connections.
    """
    for number in range(4):
        talk = wire.talk(f"10.144.0.{10 + number}:40100", "10.144.0.7:80", at=number * 1.0).play(GREETING)
        talk.play("0.005 < F.\n0.0451 > .\n0.155 > P. 240\n0.156 < R seq=302")


@story(
    Says("D12", ("10.145.0.7:80", "take its answer"), "possible", "note", fault="server"),
    Never("D12", ("lost",)),
    Never("D12", confidence="certain"),
    kept=False,
)
def answer_to_half_an_upload_is_closed_upon(wire: Wire) -> None:
    """A server answers that an upload is too large and closes while the rest is still coming.

    True: what the client still sends is answered by resets, and they may take the answer from it.

    Source: RFC 9112, 9.6 (a server should close in stages).
    """
    talk = wire.talk("10.145.0.9:40100", "10.145.0.7:80").play("0 > S\n0.001 < S.\n0.0011 > .")
    talk.play("0.002 > . 1400\n0.0021 > . 1400\n0.003 < .\n0.0031 < P. 200\n0.0032 < F.")
    talk.play("0.0035 > . 1400\n0.0036 > . 1400\n0.0041 < R seq=202\n0.0042 < R seq=202")
