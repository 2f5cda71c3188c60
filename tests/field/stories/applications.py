"""Stories of applications: they wait, hang up, give up, hold on and misunderstand."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Never("D*", severity="warning"),
    Never("D10"),
    Never("D18"),
    Never("D09"),
)
def half_close_is_taken_for_the_end(wire: Wire) -> None:
    """A client sends its request and closes its direction; the server closes as well, and never answers.

    True: the server takes the client's FIN for a client that is gone, and drops the answer. Whoever keeps the
    connection open is answered. The wire does not tell whether an answer was due: uploads look the same.

    Source: dotnet/aspnetcore#13188, httpwg/http-core#22.
    """
    for number in range(3):
        talk = wire.talk(f"10.231.0.1:{51_850 + number}", "10.231.0.2:6200", at=2.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 420\n0.0024 < .\n0.0026 > F.\n0.003 < .\n0.0035 < F.\n0.0036 > .")
    patient = wire.talk("10.231.0.3:51900", "10.231.0.2:6200", at=7.0).play(HANDSHAKE)
    patient.play("0.002 > P. 420\n0.0024 < .\n0.2 < P. 300\n0.2001 > .").play(FAREWELL, at=0.3)


@story(
    Says("D36|D10|D12|D16", ("10.232.0.2:443", "20 s"), "possible", "info", count=2),
    Never("D07"),
    Never("D18"),
    Never("D17"),
)
def proxy_closes_twenty_seconds_late(wire: Wire) -> None:
    """A client closes when it has its answer; the proxy says its goodbye twenty seconds later and is reset.

    True: the proxy did not look at the FIN until a timer of its own ran out. The client closed both directions.

    Source: haproxy/haproxy#2522.
    """
    for number in range(2):
        talk = wire.talk(f"10.232.0.1:{52_000 + number}", "10.232.0.2:443", at=4.0 * number).play(HANDSHAKE)
        talk.play("0.01 > P. 784\n0.02 < . 1448\n0.0201 < P. 508\n0.0202 > .\n0.021 > F.\n0.0214 < .")
        talk.play("20.03 < P. 24\n20.0302 > R seq=786\n20.0301 < F.\n20.0303 > R seq=786")


@story(
    Says("D53", ("10.233.0.2:8443", "delayed", "Nagle"), "possible", "info", count=1),
    Never("D*", severity="warning"),
)
def every_answer_waits_for_an_acknowledgement(wire: Wire) -> None:
    """Each answer takes 40 ms: its second piece leaves at the moment the first is acknowledged.

    True: the server writes its answer in two pieces, Nagle's algorithm holds the second back until the first is
    acknowledged, and the client delays that ACK by 40 ms.

    Source: mirleft/ocaml-tls#480, ckolivas/cgminer#88, steffengy/tiberius#46.
    """
    talk = wire.talk("10.233.0.1:53000", "10.233.0.2:8443")
    talk.play("0 > S\n0.0004 < S.\n0.0005 > .")
    for number in range(12):
        at = 0.01 + number * 0.1
        talk.play(f"{at} > P. 150\n{at + 0.0008} < P. 24\n{at + 0.0411} > .\n{at + 0.0415} < P. 420")
        talk.play(f"{at + 0.0416} > .")


@story(
    Says("D35", ("10.234.0.2:22", "4 of 12"), "possible", "note", count=4),
    Never("D05"),
    Never("D18"),
    Never("D26"),
)
def server_drops_some_before_its_greeting(wire: Wire) -> None:
    """Twelve logins start at once, and an SSH server closes four of them before its greeting.

    True: ``MaxStartups``: beyond ten unauthenticated connections it drops at random.

    Source: scylladb/scylla-cluster-tests#2005, sshnet/SSH.NET#571.
    """
    for number in range(12):
        talk = wire.talk(f"10.234.0.{1 + number}:54000", "10.234.0.2:22", at=0.02 * number).play(HANDSHAKE)
        if number in (6, 8, 9, 11):
            talk.play("0.003 < F.\n0.0032 > F.\n0.0034 < .")
        else:
            talk.play("0.008 < P. 41\n0.0081 > .\n0.01 > P. 41\n0.0104 < .\n0.02 > P. 1400\n0.03 < P. 1100")
            talk.play("0.031 > .").play(FAREWELL, at=9.0)


@story(
    Says("D16", ("10.235.0.2:8080",), "possible", "warning", fault="server", count=3),
    Never("D07"),
    Never("D18"),
    Never("D36"),
)
def answer_is_cut_off_by_a_reset(wire: Wire) -> None:
    """A server answers before it has read the whole request, closes, and its reset throws the answer away.

    True: data of the request lies unread in the server's socket at close(), so the kernel sends RST instead of FIN;
    the client's kernel drops what it has not read yet.

    Source: mitmproxy/mitmproxy#8364, jetty/jetty.project#2867, netty/netty#6818.
    """
    for number in range(3):
        talk = wire.talk(f"10.235.0.1:{55_000 + number}", "10.235.0.2:8080", at=1.5 * number).play(HANDSHAKE)
        talk.play("0.002 > . 1448\n0.0021 > P. 800\n0.0025 < .")
        for piece in range(6):
            talk.play(f"{0.010 + piece * 0.0001} < . 1448")
        talk.play("0.0108 < R.")


@story(
    Never("D*", severity="warning"),
    Never("D18"),
)
def two_resets_after_both_have_closed(wire: Wire) -> None:
    """Server and client have closed, and the client sends two resets where an ACK was due.

    True: nothing is lost: the client's library closed its socket while an alert of TLS was still unread.

    Source: curl/curl#10290.
    """
    for number in range(3):
        talk = wire.talk(f"10.236.0.1:{56_000 + number}", "10.236.0.2:443", at=0.4 * number).play(GREETING)
        talk.play(
            "0.05 < P. 31\n0.0501 < F.\n0.0505 > F. ack=332\n0.0506 < .\n0.0509 > R seq=102\n0.051 > R seq=102"
        )


@story(
    Says("D39", ("10.237.0.2:5672", "heartbeat"), "possible", "note", count=3),
    Never("D39", confidence="likely"),
    Never("D49"),
    Never("D09"),
    Never("D08"),
    Never("D18"),
    Never("D07"),
)
def broker_hears_no_heartbeat(wire: Wire) -> None:
    """A broker sends heartbeats every 30 s, hears none for two of them, and resets.

    True: the client's program is busy; its kernel acknowledges each heartbeat, so the path and both hosts are well.

    Source: amqp-node/amqplib#151, achilleasa/dart_amqp#106, operand/agency#60.
    """
    for number in range(3):
        talk = wire.talk(f"10.237.0.1:{57_000 + number}", "10.237.0.2:5672", at=3.0 * number).play(GREETING)
        talk.play("1 > P. 300\n1.001 < .")
        for at in (30.0, 60.0, 90.0):
            talk.play(f"{at} < P. 8\n{at + 0.0005} > .")
        talk.play("121.0 < R.")


@story(
    Says("D23", ("10.238.0.66",), "possible", "warning", count=25),
    Never("D09"),
    Never("D01"),
)
def one_client_shuts_the_windows_of_thirty_connections(wire: Wire) -> None:
    """One client opens thirty connections, asks for a big file on each, and shuts its window.

    True: an attack that holds a server's memory: the client answers each probe with a window of zero, for minutes.

    Source: sockstress, and "slow read" of slowhttptest.
    """
    for number in range(30):
        talk = wire.talk(f"10.238.0.66:{40_000 + number}", "10.238.0.2:80", at=0.02 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 90\n0.003 < . 536\n0.0035 > . win=0")
        for at in (0.21, 0.63, 6.6, 27.0, 108.0):
            talk.play(f"{at} < . seq=536\n{at + 0.0005} > . win=0")


@story(
    Says("D51|D49|D26|D50", ("10.239.0.2:80",), "possible", "info", count=20),
    Never("D09"),
    Never("D01"),
    Never("D10"),
)
def requests_that_never_end(wire: Wire) -> None:
    """One client holds twenty-four connections and sends a few bytes of a header on each, every ten seconds.

    True: a "slowloris": no request is ever finished, so none is answered.

    Source: slowhttptest, and servers whose workers are used up by one address.
    """
    for number in range(24):
        talk = wire.talk(f"10.239.0.66:{41_000 + number}", "10.239.0.2:80", at=0.05 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 230\n0.0024 < .")
        for turn in range(1, 9):
            talk.play(f"{10 * turn} > P. 11\n{10 * turn + 0.0005} < .")


@story(
    Says("D23", ("10.240.1.1",), "possible", "warning"),
    Never("D09"),
    Never("D08"),
    Never("D07"),
    Never("D18"),
)
def slow_subscriber_is_cut_off(wire: Wire) -> None:
    """A subscriber reads too slowly, its window stays shut, and the server resets it after a minute.

    True: ``client-output-buffer-limit`` of a message store. The subscriber's kernel answered each probe.

    Source: reports on pub/sub of Redis and its "scheduled to be closed ASAP for overcoming of output buffer limits".
    """
    talk = wire.talk("10.240.1.1:58000", "10.240.1.2:6379").play(GREETING)
    for number in range(8):
        talk.play(f"{1 + number * 0.001} < . 1448")
    talk.play("1.01 > . win=0")
    for at in (1.21, 1.63, 2.5, 4.2, 7.6, 14.4, 28.0, 55.0):
        talk.play(f"{at} < . seq=11884\n{at + 0.0005} > . win=0")
    talk.play("61.0 < R.")


@story(
    Says("D12|D30|D36|D49|D51", ("10.241.0.2:8080", "5 s"), "possible", "info", count=3),
    Never("D49", ("2.1 s",)),
    Never("D07"),
    Never("D18"),
    Never("D08"),
    Never("D17"),
)
def client_gives_up_before_the_answer(wire: Wire) -> None:
    """A client waits five seconds for an answer and closes; the answer comes after seven and is reset.

    True: the client's time-out is shorter than what the server needs. The server's log says 499.

    Source: every reverse proxy's question about 499 and 504.
    """
    for number in range(4):
        talk = wire.talk(f"10.241.0.1:{59_000 + number}", "10.241.0.2:8080", at=1.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 300\n0.0025 < .\n5.002 > F.\n5.0425 < .\n7.1 < P. 900\n7.1004 > R seq=302")


@story(
    Says("D20|D21|D33|D46|D34", ("10.242.0.2:2049",), "possible", "warning"),
    Never("D18"),
    Never("D01"),
    Never("D26"),
)
def old_connection_is_never_given_up(wire: Wire) -> None:
    """A mount hangs after a failover: each SYN from the same port is answered in the old connection's numbers.

    True: the server still has the connection of before. The client resets it each time, and a filter in front of the
    server drops that reset for its number, so the next SYN meets the same old connection.

    Source: nfs-ganesha/nfs-ganesha#906 and the kernel's report on NFS clients that hang after a failback.
    """
    old = wire.talk("10.242.0.1:833", "10.242.0.2:2049").play(GREETING)
    new = wire.talk("10.242.0.1:833", "10.242.0.2:2049", at=60)
    new.server.isn = old.server.isn
    shift = old.client.isn + 101 - new.client.isn
    for at in (0, 3.0, 9.0, 21.0, 45.0):
        new.play(f"{at} > S {'again' if at else ''}\n{at + 0.0003} < . seq=301 ack={shift}")
        new.play(f"{at + 0.0004} > R seq={shift}")


@story(
    Never("D*", severity="note"),
    Ends("10.243.0.1:60000", ("CLOSED", "TIME_WAIT")),
)
def handshake_of_tls_fails_with_an_alert(wire: Wire) -> None:
    """A server answers each hello with an alert of seven bytes and closes.

    True: TCP is well; what failed is one layer above: a name that the server does not serve.

    Source: "unrecognized name" and "protocol version" in any client's log.
    """
    for number in range(3):
        talk = wire.talk(f"10.243.0.1:{60_000 + number}", "10.243.0.2:443", at=1.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 517\n0.003 < P. 7\n0.0031 < F.\n0.0032 > .\n0.0034 > F.\n0.0037 < .")
