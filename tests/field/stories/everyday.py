"""Captures as they come: cut, thinned out, with odd checksums or a clock that jumps, of traffic that is well."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire

_IP_AT = 14
_HEADER_OF_TCP = 20


@story(
    Never("D23", severity="warning"),
    Never("D09"),
    Never("D51"),
    Ends("172.25.1.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def window_shuts_for_moments(wire: Wire) -> None:
    """A receiver shuts its window now and then for some hundredths of a second, while much is sent.

    True: nothing is wrong: this is how a receiver slows a sender down. The window opens again by itself each time.

    Source: elastic/elasticsearch#124967.
    """
    talk = wire.talk("172.25.1.1:50000", "172.25.1.9:9300").play(HANDSHAKE)
    at = 0.01
    for number in range(12):
        talk.play(
            f"{at} > . 1448\n{at + 0.0001} > P. 1448\n{at + 0.001} < . win={0 if number % 3 == 1 else 502}"
        )
        if number % 3 == 1:
            talk.play(f"{at + 0.03 + number * 0.004} < . win=400")
            at += number * 0.004
        at += 0.05


@story(
    Never("D*", severity="warning"),
    Never("D45"),
    Never("D25", severity="warning"),
    Ends("172.25.2.1:50000", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def cards_fill_in_checksums_later(wire: Wire) -> None:
    """All that the capturing host sends has a wrong checksum in the capture, and all of it is answered.

    True: nothing is wrong: the network card fills checksums in after the tap.

    Source: netty/netty#10977, and every tcpdump on a sender.
    """
    for number in range(5):
        talk = wire.talk(f"172.25.2.1:{50_000 + number}", "172.25.2.9:8080", at=number * 0.6, server_ttl=57)
        talk.play("0 > S bad\n0.01 < S.\n0.0101 > . bad\n0.011 > P. 300 bad\n0.0215 < P. 900\n0.0216 > . bad")
        talk.play("0.3 > F. bad\n0.3105 < F.\n0.3106 > . bad")


@story(
    Never("D*", severity="warning"),
    Never("D45"),
    Never("D44"),
    Ends("172.25.3.1:50000", ("TIME_WAIT|CLOSED", "CLOSED")),
    Ends("172.25.3.1:50004", ("ESTABLISHED", "ESTABLISHED")),
)
def headers_are_cut_before_the_options(wire: Wire) -> None:
    """A capture that keeps 54 bytes of each frame: no options, no payload.

    True: nothing is wrong with the connections; the capture has cut what it keeps, and says so itself.

    Source: ``tcpdump -s 54``.
    """
    for number in range(5):
        talk = wire.talk(f"172.25.3.1:{50_000 + number}", "172.25.3.9:443", at=number * 0.6).play(GREETING)
        talk.play("0.1 > P. 600\n0.104 < . 1448\n0.1041 < P. 900\n0.1042 > .")
        if number < 4:
            talk.play(FAREWELL, at=0.4)
    wire.frames[:] = [(time, length, data[: _without_options(data)]) for time, length, data in wire.frames]


def _without_options(frame: bytes) -> int:
    return _IP_AT + (20 if frame[_IP_AT] >> 4 == 4 else 40) + _HEADER_OF_TCP


@story(
    Says("D25", (), "possible", "note"),
    Never("D09"),
    Never("D24"),
    Never("D23"),
    Never("D08"),
    Never("D46"),
    Ends("172.25.4.1:50000", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def every_third_frame_is_missing(wire: Wire) -> None:
    """A busy host captures its own transfers and drops a third of the frames.

    True: nothing is wrong with the transfers: what is missing was acknowledged, and nothing is ever sent again.

    Source: tcpdump's "packets dropped by kernel".
    """
    for number in range(3):
        talk = wire.talk(f"172.25.4.1:{50_000 + number}", "172.25.4.9:443", at=number * 0.05).play(GREETING)
        for round_trip in range(20):
            at = 0.1 + 0.05 * round_trip
            talk.play(f"{at} > P. 300")
            for part in range(4):
                talk.play(f"{at + 0.01 + part * 0.0001} < . 200")
            talk.play(f"{at + 0.0105} > .")
        talk.play(FAREWELL, at=2)
    first, last = min(wire.frames)[0], max(wire.frames)[0]
    second = 1_000_000_000
    wire.frames[:] = [
        frame
        for number, frame in enumerate(wire.in_order())
        if number % 3 or frame[0] < first + second // 10 or frame[0] > last - second // 5
    ]


@story(
    Never("D08"),
    Never("D30"),
    Never("D47"),
    Never("D49", severity="note"),
    Never("D51"),
    Never("D09"),
    Never("D52"),
    Ends("172.25.5.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def clock_of_the_capture_jumps_an_hour(wire: Wire) -> None:
    """The clock of the capturing host is set forward by an hour while four connections are busy.

    True: nothing was silent: all four stop and go on at the same instant, and both ends' time stamps say that only
    milliseconds have passed.

    Source: machines without a clock that learn the time from NTP after the start.
    """
    for number in range(4):
        talk = wire.talk(f"172.25.5.1:{50_000 + number}", "172.25.5.9:443", at=number * 0.01).play(GREETING)
        for at in range(1, 12):
            talk.play(f"{at} > P. 100\n{at}.05 < P. 400\n{at}.0501 > .")
    start, second = min(wire.frames)[0], 1_000_000_000
    wire.frames[:] = [
        (time + 3600 * second if time > start + 6 * second + second // 50 else time, length, data)
        for time, length, data in wire.frames
    ]


@story(
    Says("D12|D27", ("172.25.6.9:8080",), "possible", "info", fault="server", count=4),
    Never("D*", severity="warning"),
    Never("D18"),
    Ends("172.25.6.1:50000", ("CLOSED", "CLOSED")),
)
def server_closes_and_resets_at_once(wire: Wire) -> None:
    """A Windows service sends FIN and, two milliseconds later, a reset, while the client says nothing.

    True: the service shuts down its socket and closes it with a linger of zero. The answer has been acknowledged
    before.

    Source: reports on HttpListener and on WinINet clients that see "connection reset" after a whole answer.
    """
    for number in range(4):
        talk = wire.talk(f"172.25.6.1:{50_000 + number}", "172.25.6.9:8080", at=number * 1.0, server_ttl=127)
        talk.play(GREETING).play("0.0050 < F.\n0.0051 > .\n0.0071 < R.")


@story(
    Never("D*", severity="warning"),
    Never("D08"),
    Never("D47"),
    Never("D50"),
    Ends("172.25.7.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def uploader_computes_between_chunks(wire: Wire) -> None:
    """A client sends a chunk, computes for some seconds, and sends the next.

    True: the network and the server are fast and idle; the pauses of 4 to 11 s are the client's own.

    Source: the question "why is my upload slow?" with a capture beside it.
    """
    talk = wire.talk("172.25.7.1:50000", "172.25.7.9:9000").play(HANDSHAKE)
    at = 0.01
    for pause in (4.1, 7.7, 5.2, 11.0, 6.3, 9.9):
        talk.play(f"{at} > . 1448\n{at + 0.0001} > . 1448\n{at + 0.0002} > P. 900\n{at + 0.0012} < .")
        at += pause
    talk.play(f"{at} > P. 900\n{at + 0.001} < .")


@story(
    Never("D35"),
    Never("D50"),
    Never("D51"),
    Never("D*", severity="warning"),
    Ends("172.25.8.1:50000", ("CLOSED|TIME_WAIT", "TIME_WAIT|CLOSED")),
)
def unused_connection_is_told_of_the_time_out(wire: Wire) -> None:
    """A browser opens a connection in advance and never uses it; after ten seconds the server says so and closes.

    True: nothing is wrong: the server sends "408" and its FIN, and the browser closes as well.

    Source: haproxy's ``timeout http-request`` and preconnecting browsers.
    """
    for number in range(3):
        talk = wire.talk(f"172.25.8.1:{50_000 + number}", "172.25.8.9:443", at=number * 2.0).play(HANDSHAKE)
        talk.play("10.002 < P. 212\n10.0021 < F.\n10.003 > .\n10.0031 > F.\n10.004 < .")
