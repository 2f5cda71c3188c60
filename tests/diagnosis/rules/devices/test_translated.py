"""D40 and D41: connections that are there twice, and segments that left untranslated."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import Look, found, look
from tests.diagnosis.played import every, told
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Finding

PLAIN = look("client:sent-data", "server:sent-data", client_end={"isn": 7}, server_end={"isn": 9})
BEHIND = PLAIN._replace(address="192.0.2.1")


def test_equal_numbers_under_other_addresses_are_one_connection() -> None:
    finding = found(PLAIN, BEHIND)["D40"]
    assert finding.confidence == "certain"
    assert finding.count == 2
    assert "10.0.0.1:40001" in finding.explanation
    assert "192.0.2.1:40002" in finding.explanation


def test_both_addresses_changed_may_be_a_replay() -> None:
    finding = found(PLAIN, BEHIND._replace(server_address="192.0.2.9"))["D40"]
    assert finding.confidence == "likely"
    assert "replayed under other addresses, or" in finding.explanation


def test_a_stack_that_always_begins_with_the_same_number_is_no_translation() -> None:
    assert "D40" not in found(PLAIN, PLAIN)
    assert "D40" not in found(PLAIN, BEHIND, BEHIND._replace(address="192.0.2.2"))


@pytest.mark.parametrize(
    "other",
    [
        BEHIND._replace(changes={"client_end": {"isn": 7}, "server_end": {"isn": 8}}),
        BEHIND._replace(changes={"client_end": {"isn": 7, "bytes": 7}, "server_end": {"isn": 9}}),
        BEHIND._replace(changes={"client_end": {"isn": None}, "server_end": {"isn": 9}}),
    ],
)
def test_other_numbers_are_another_connection(other: Look) -> None:
    assert "D40" not in found(PLAIN, other)


def untranslated(tmp_path: Path, lines: str, server: str = "172.17.0.2:8080") -> set[str]:
    """Play a connection, and beside it a few segments of the same ports under another address."""
    wire = Wire()
    wire.talk("10.0.0.9:39000", "10.0.0.2:8080").play(HANDSHAKE).play("0.002 > P. 9\n3 > P. 60\n3.1 < R")
    wire.talk("10.0.0.9:39000", server).play(lines)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(wire.in_order()))
    return {finding.id for finding in analyze(path).findings} - {"D25"}


def test_a_part_under_another_address_belongs_to_its_connection(tmp_path: Path) -> None:
    assert untranslated(tmp_path, "1 < . 1448\n1.1 > R seq=1") == {"D41"}
    assert "D41" in untranslated(tmp_path, "1 < R.")


def test_a_part_whose_header_is_damaged_may_have_had_the_address_of_its_connection(tmp_path: Path) -> None:
    assert "D41" in untranslated(tmp_path, "1 < . 1448")
    assert "D41" not in untranslated(tmp_path, "1 < . 1448 badhead")


@pytest.mark.parametrize(
    ("lines", "server"),
    [
        ("1 > S\n1.1 < R.", "172.17.0.2:8080"),
        ("1 < . 1448\n1.1 > R seq=1", "172.17.0.2:9090"),
        ("9 < . 1448\n9.1 > R seq=1", "172.17.0.2:8080"),
        ("\n".join(f"{1 + n / 10} < . 100" for n in range(8)), "172.17.0.2:8080"),
    ],
    ids=["begins with a SYN", "another port", "later", "says much"],
)
def test_segments_that_may_be_a_connection_of_their_own_are_no_part(
    tmp_path: Path, lines: str, server: str
) -> None:
    assert "D41" not in untranslated(tmp_path, lines, server)


def asked_twice(tmp_path: Path, late: float, copies: tuple[int, ...] = (1, 3)) -> str:
    """Play a SYN and its copies, each seen again under another destination; return what D40 says."""

    def play(wire: Wire) -> None:
        before, behind = (wire.talk("10.0.0.5:48000", f"{server}:80") for server in ("10.0.9.9", "10.0.0.7"))
        behind.client.isn = before.client.isn
        for number, time in enumerate((0, *copies)):
            again = "again" if number else ""
            before.play(f"{time} > S {again}")
            behind.play(f"{time + late} > S {again}")

    finding = told(tmp_path, play).get("D40")
    return finding.explanation if finding else ""


def test_a_syn_behind_a_translation_of_its_destination(tmp_path: Path) -> None:
    assert "to 10.0.9.9:80 is seen again on its way to 10.0.0.7:80" in asked_twice(tmp_path, 0.0002)


def test_a_capture_may_end_between_a_syn_and_itself_behind_a_translation(tmp_path: Path) -> None:
    """The last copy was captured before the translation alone; it is one connect, told of where it comes to."""

    def play(wire: Wire) -> None:
        asked, behind = (wire.talk("10.0.0.5:52110", server) for server in ("10.96.0.9:80", "10.0.0.7:8080"))
        behind.client.isn = asked.client.isn
        for at in (0, 1.03, 3.07):
            asked.play(f"{at} > S {'again' if at else ''}")
            if at < 3:
                behind.play(f"{at + 0.00003} > S {'again' if at else ''}")

    said = told(tmp_path, play)
    assert "D40" in said
    assert "server 10.0.0.7:8080" in said["D01"].explanation
    assert said["D01"].count == 1


def test_a_client_whose_address_is_translated_in_one_direction_alone(tmp_path: Path) -> None:
    """Its segments are captured behind the translation, and the answers behind it as well, on their way back."""

    def play(wire: Wire) -> None:
        said, heard = (
            wire.talk(client, "10.0.0.7:119", client_isn=5_000, server_isn=9_000, stamps=False)
            for client in ("192.0.2.9:3068", "10.0.0.5:3068")
        )
        said.play("0 > S\n0.043 < S. lost\n0.0432 > .")
        heard.play("0 > S lost\n0.043 < S.")

    finding = told(tmp_path, play)["D40"]
    assert "the answers go to 10.0.0.5:3068" in finding.explanation
    assert finding.asks_nothing


def redirected_in_vain(tmp_path: Path, late: float, number: int = 3) -> list[Finding]:
    """Play SYNs to a proxy where nothing listens, refused so long after in the name of whom the client had asked."""

    def play(wire: Wire) -> None:
        for port in range(40_000, 40_000 + number):
            asked, refusal = (wire.talk(f"10.0.0.5:{port}", to) for to in ("127.0.0.1:15001", "10.96.0.9:80"))
            refusal.client.isn = asked.client.isn
            asked.play(f"{port - 40_000} > S")
            refusal.play(f"{port - 40_000} > S lost\n{port - 40_000 + late} < R. seq=0 ack=1")

    return [one for one in every(tmp_path, play) if "seem to be redirected" in one.explanation]


def test_syns_that_are_refused_in_the_name_of_who_was_asked_are_told_together(tmp_path: Path) -> None:
    (finding,) = redirected_in_vain(tmp_path, 0.0002)
    assert finding.explanation.startswith(
        "3 connects to 127.0.0.1:15001. For instance: the SYN of 10.0.0.5:40000 "
    )
    assert "connects to 10.96.0.9:80 seem to be redirected to 127.0.0.1:15001" in finding.explanation
    assert (finding.count, finding.severity) == (6, "warning")


def test_a_refusal_that_comes_later_belongs_to_another_syn(tmp_path: Path) -> None:
    assert not redirected_in_vain(tmp_path, 0.3)


@pytest.mark.parametrize(
    ("servers", "kept"),
    [(("10.0.0.7", "10.96.0.9"), "host 10.0.0.7"), (("10.0.0.5", "10.96.0.9"), "not host 10.96.0.9")],
)
def test_one_side_of_a_translation_is_read_alone(tmp_path: Path, servers: tuple[str, str], kept: str) -> None:
    def play(wire: Wire) -> None:
        sides = [
            wire.talk("10.0.0.5:40000", f"{server}:80", client_isn=1, server_isn=2, stamps=False)
            for server in servers
        ]
        for line in ("0 > S", "0.001 < S.", "0.002 > .", "0.003 > P. 100", "0.004 < P. 50"):
            for side in sides:
                side.play(line)

    assert f"one-side.pcap {kept}" in told(tmp_path, play)["D40"].advice


def test_equal_numbers_of_syns_that_do_not_go_in_step_are_two_attempts(tmp_path: Path) -> None:
    assert not asked_twice(tmp_path, 0.2)
    assert not asked_twice(tmp_path, 0.0002, copies=())


def test_a_scanner_has_one_number_for_all_its_syns(tmp_path: Path) -> None:
    """A port that was asked as well, before, answers for itself."""

    def play(wire: Wire) -> None:
        answered = wire.talk("10.0.0.5:36178", "10.0.0.7:8082").play("0 > S\n0.001 < S.\n0.0011 > R")
        silent = wire.talk("10.0.0.5:36178", "10.0.0.7:1111")
        silent.client.isn = answered.client.isn
        silent.play("36 > S")

    assert "D41" not in told(tmp_path, play)


def refused_twice(tmp_path: Path, late: float, *, number: int = 2) -> tuple[int, str]:
    """Play refused connects, each seen again under another destination; return the count and words of D02."""

    def play(wire: Wire) -> None:
        for one in range(number):
            before, behind = (
                wire.talk(f"10.0.0.5:{48_000 + one}", server, at=2.0 * one)
                for server in ("10.0.9.9:8080", "10.0.0.7:80")
            )
            behind.client.isn = before.client.isn
            before.play("0 > S\n0.0009 < R.")
            behind.play(f"{late} > S\n{late + 0.0003} < R.")

    finding = told(tmp_path, play)["D02"]
    return finding.count, finding.explanation


def test_a_refusal_on_both_sides_of_a_translation_is_one(tmp_path: Path) -> None:
    count, words = refused_twice(tmp_path, 0.0001)
    assert count == 2
    assert "server 10.0.0.7:80 answered" in words
    assert "The client had asked 10.0.9.9:8080" in words


def test_refusals_of_two_sockets_are_two(tmp_path: Path) -> None:
    assert (
        "had asked" not in refused_twice(tmp_path, 0.02)[1]
    )  # the second was asked once the first had refused
    assert (
        "had asked" not in refused_twice(tmp_path, 0.0001, number=1)[1]
    )  # a scanner may have one number for both


def refused_answer(tmp_path: Path, late: float, others: int = 0) -> set[str]:
    """Play a SYN that is seen again ``late`` on its way to another address, whose answer the client resets."""

    def play(wire: Wire) -> None:
        asked = wire.talk("10.0.0.5:38530", "10.3.0.9:7800").play("0 > S")
        behind = wire.talk("10.0.0.5:38530", "10.0.1.9:7800")
        behind.client.isn = asked.client.isn
        behind.play(f"{late} > S\n{late + 0.0001} < S.\n{late + 0.0002} > R seq=1")
        for number in range(others):
            scanned = wire.talk("10.0.0.5:38530", f"10.0.2.{number + 1}:7800")
            scanned.client.isn = asked.client.isn
            scanned.play(f"{late + 0.001 * number} > S")

    return set(told(tmp_path, play))


def test_an_answer_to_a_translated_syn_comes_back_untranslated(tmp_path: Path) -> None:
    findings = refused_answer(tmp_path, 0.0002)
    assert "D41" in findings
    assert "D27" not in findings


def test_a_syn_to_another_address_later_is_another_attempt(tmp_path: Path) -> None:
    assert "D41" not in refused_answer(tmp_path, 0.2)


def test_one_number_for_many_addresses_is_a_scanners(tmp_path: Path) -> None:
    assert "D41" not in refused_answer(tmp_path, 0.0002, others=3)


def said_goodbye(
    tmp_path: Path, address: str, *, port: int = 0, closed: bool = True, others: int = 0
) -> set[str]:
    """Return the ids of findings on two FINs that come late, under another address, of what was left half closed."""

    def play(wire: Wire) -> None:
        for number in range(2):
            talk = wire.talk(f"10.0.0.5:{46_000 + number}", "10.0.0.9:443", at=5.0 * number).play(GREETING)
            if closed:
                talk.play("1 < F.\n1.04 > .")
            fin = wire.talk(f"{address}:{46_000 + port + number}", "10.0.0.9:443", at=5.0 * number)
            fin.client.isn, fin.server.isn, fin.client.next, fin.server.next = (
                talk.client.isn,
                talk.server.isn,
                101,
                302,
            )
            fin.play("130 > F.\n130.2 > F. again\n131 > F. again")
        for number in range(others):
            wire.talk(f"{address}:{50_000 + number}", "10.0.0.9:443", at=20).play(GREETING)

    return set(told(tmp_path, play))


def test_a_fin_under_another_address_belongs_to_what_was_left_open(tmp_path: Path) -> None:
    found_ids = said_goodbye(tmp_path, "172.17.0.2")
    assert "D41" in found_ids
    assert not found_ids & {"D10", "D13"}


@pytest.mark.parametrize(
    ("port", "closed", "others"),
    [(7, True, 0), (0, False, 0), (0, True, 1)],
    ids=["port", "open", "host-of-its-own"],
)
def test_fins_that_may_be_of_another_host(tmp_path: Path, port: int, others: int, *, closed: bool) -> None:
    assert "D41" not in said_goodbye(tmp_path, "172.17.0.2", port=port, closed=closed, others=others)
