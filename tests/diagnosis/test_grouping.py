"""One event on many connections is one finding."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import analysed, found, listener, look, step
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Evidence, Side, State

HEALTHY = look("client:sent-data", "server:sent-data", times=100_000)
EMBRYO = look("server:syn-ack-resent", client=State.ESTABLISHED, server=State.SYN_RECV)


def test_one_connection_is_named() -> None:
    finding = found(EMBRYO)["D04"]
    assert (finding.connection, finding.count, finding.examples) == (1, 1, (1,))


def test_the_same_at_one_server_is_one_finding() -> None:
    finding = found(EMBRYO, EMBRYO._replace(address="10.0.0.9"))["D04"]
    assert (finding.connection, finding.count, finding.examples) == (None, 2, (1, 2))
    assert finding.explanation.startswith(
        "2 connections to 10.0.0.2:80 from 2 clients. Connection 1, for instance: "
    )
    assert finding.display_filter == "ip.addr==10.0.0.2 && tcp.port==80 && tcp.port in {40001, 40002}"


def test_another_server_is_another_finding() -> None:
    findings = diagnose(analysed(EMBRYO, EMBRYO._replace(port=443)))
    assert [finding.id for finding in findings] == ["D04", "D04"]


def test_many_servers_are_one_finding() -> None:
    findings = diagnose(analysed(*(EMBRYO._replace(port=number) for number in range(1, 9)), HEALTHY))
    assert [finding.count for finding in findings] == [8]
    assert findings[0].explanation.startswith("8 connections to 8 ports of 10.0.0.2 from 10.0.0.1.")


def test_many_hosts_are_one_finding_but_for_the_socket_that_is_struck_often() -> None:
    others = (EMBRYO._replace(server_address=f"10.0.1.{number}") for number in range(8))
    findings = diagnose(analysed(EMBRYO, *others, EMBRYO, EMBRYO))
    assert [(finding.count, finding.where) for finding in findings] == [
        (8, "8 servers"),
        (3, "10.0.0.2:80"),
    ]


def test_servers_are_counted_and_their_sockets_where_those_are_more() -> None:
    sockets = ((f"10.3.0.{number // 2}", 80 + number % 2) for number in range(8))
    many = [EMBRYO._replace(server_address=address, port=port) for address, port in sockets]
    finding = next(one for one in diagnose(analysed(*many)) if one.id == "D04")
    assert finding.explanation.startswith("8 connections to 8 sockets on 4 servers from 10.0.0.1.")
    assert "For connection" in finding.advice.split("\n")[0]


def test_connections_known_by_number_alone_are_counted() -> None:
    analysis = analysed(
        *(EMBRYO._replace(address=f"10.1.0.{number}", times=1000) for number in range(4)), HEALTHY
    )
    finding = next(finding for finding in diagnose(analysis) if finding.id == "D04")
    assert finding.count == 4000
    assert finding.explanation.startswith("4,000 connections to 10.0.0.2:80 from several clients.")
    assert set(analysis.fetched) == {1, 2, 3, 4}


def test_connections_known_by_number_alone_may_be_to_another_socket() -> None:
    looks = [EMBRYO._replace(address=f"10.1.0.{number}", times=1000) for number in range(4)]
    sockets = (listener(port=80), listener(port=443))
    analysis = analysed(*looks, HEALTHY, listeners=sockets)
    finding = next(finding for finding in diagnose(analysis) if finding.id == "D04")
    assert finding.explanation.startswith(
        "4,000 connections, those looked at one by one to 10.0.0.2:80 from several clients."
    )
    assert finding.display_filter == "ip.addr==10.0.0.2"


def test_a_finding_that_is_not_certain_says_why() -> None:
    for finding in found(EMBRYO, look("client:fin-resent", client=State.FIN_WAIT1)).values():
        assert finding.confidence == "certain" or finding.doubts


def test_a_group_is_no_more_certain_than_its_members() -> None:
    refused = look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED)
    presumed = refused._replace(
        steps=(step(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1, evidence=Evidence.PRESUMED),)
    )
    assert found(refused, refused)["D02"].confidence is Confidence.CERTAIN
    assert found(refused, presumed)["D02"].confidence is Confidence.LIKELY


@pytest.mark.parametrize(("others", "is_told"), [(3, True), (0, False)])
def test_resets_at_one_instant_tell_more_than_that_they_began_together(
    tmp_path: Path, others: int, is_told: bool
) -> None:
    """All were opened as one, and somebody closed three of them by hand; later ones are well."""

    def play(wire: Wire) -> None:
        for number in range(3 + others):
            talk = wire.talk(f"10.0.0.5:{40_000 + number}", "10.0.0.2:80", at=0.0001 * number)
            talk.play(GREETING).play("6 < R." if number < 3 else "9 > P. 20\n9.001 < .")
        for number in range(3):
            wire.talk(f"10.0.0.5:{50_000 + number}", "10.0.0.2:80", at=12 + number).play(GREETING)

    finding = told(tmp_path, play)["D27"]
    words = "All of them ended within 200 µs, and 3 others begun with them went on"
    assert (words in finding.explanation) is is_told
    assert ("they all began" in finding.explanation) is not is_told
