"""netstat's table, for either host."""

from pathlib import Path

import pytest

from wirestat.commands import main

LEAK = str(Path(__file__).parents[2] / "pcaps" / "close-wait-leak" / "middle.pcap")


def rows(capsys: pytest.CaptureFixture[str], *more: str) -> list[list[str]]:
    assert main(["netstat", LEAK, *more]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["Proto", "Recv-Q", "Send-Q", "Local", "Address", "Foreign", "Address", "State"]
    return [line.split() for line in lines]


def test_each_end_in_turn(capsys: pytest.CaptureFixture[str]) -> None:
    assert [(row[3], row[-1]) for row in rows(capsys, "-tn")] == [
        ("10.222.99.1:40001", "FIN_WAIT2"),
        ("10.222.99.2:8080", "CLOSE_WAIT"),
        ("10.222.99.1:40002", "FIN_WAIT2"),
        ("10.222.99.2:8080", "CLOSE_WAIT"),
    ]


def test_the_host_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, "-ant", "--local", "10.222.99.2", "-Y", "port==40001", "--names", "rfc") == [
        ["tcp", "0", "0", "10.222.99.2:8080", "10.222.99.1:40001", "CLOSE-WAIT"],
        ["tcp", "0", "0", "10.222.99.2:8080", "0.0.0.0:*", "LISTEN"],
    ]
    assert rows(capsys, "--local", "192.0.2.0/24") == []


def test_listening_sockets_and_udp(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row[-1] for row in rows(capsys, "-l")] == ["LISTEN"]
    assert rows(capsys, "-u") == []


def test_no_packet_names_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", LEAK, "-ltp"]) == 0
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.endswith("PID/Program name")
    assert line.endswith(" -")


def test_what_is_no_net(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", LEAK, "--local", "here"]) == 2
    assert "neither an address nor a net" in capsys.readouterr().err
