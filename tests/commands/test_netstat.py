"""netstat's table, for either host."""

from pathlib import Path

import pytest

from wirestat.commands import main

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = str(PCAPS / "close-wait-leak" / "middle.pcap")
ACCEPT = str(PCAPS / "accept-queue-full" / "middle.pcap")


def rows(capsys: pytest.CaptureFixture[str], *more: str) -> list[list[str]]:
    assert main(["netstat", LEAK, *more]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["Proto", "Recv-Q", "Send-Q", "Local", "Address", "Foreign", "Address", "State"]
    return [line.split() for line in lines]


def test_without_local_each_end_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert [(row[3], row[-1]) for row in rows(capsys, "-tn")] == [
        ("10.222.99.1:40001", "FIN_WAIT2"),
        ("10.222.99.2:8080", "CLOSE_WAIT"),
        ("10.222.99.1:40002", "FIN_WAIT2"),
        ("10.222.99.2:8080", "CLOSE_WAIT"),
    ]


def test_local_lists_only_the_ends_of_the_named_host(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, "-ant", "--local", "10.222.99.2", "-Y", "port==40001", "--names", "rfc") == [
        ["tcp", "0", "0", "10.222.99.2:8080", "10.222.99.1:40001", "CLOSE-WAIT"],
        ["tcp", "0", "0", "10.222.99.2:8080", "0.0.0.0:*", "LISTEN"],
    ]


@pytest.mark.parametrize(
    ("at", "expected"), [("0.1", "begins after"), ("+2h", "ends before"), ("+1", ""), ("end", "")]
)
@pytest.mark.parametrize("verb", ["netstat", "count"])
def test_an_instant_outside_the_capture_is_warned_of(
    capsys: pytest.CaptureFixture[str], verb: str, at: str, expected: str
) -> None:
    assert main([verb, LEAK, "--at", at]) == 0
    warned = capsys.readouterr().err
    assert ("that time" in warned) == bool(expected)
    assert expected in warned


def test_a_local_address_that_no_packet_has_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    for local, is_met in (("192.0.2.0/24", False), ("fd00::1", False), ("10.0.0.0/8", True)):
        assert main(["netstat", LEAK, "--local", local]) == 0
        out, err = capsys.readouterr()
        assert (len(out.splitlines()) > 1, "no packet is from there" in err) == (is_met, not is_met)


def test_listening_sockets_and_udp(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row[-1] for row in rows(capsys, "-l")] == ["LISTEN"]
    assert rows(capsys, "-u") == []


def test_a_socket_that_refuses_does_not_listen(capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(PCAPS / "field" / "listener-dies-and-its-connections-live" / "capture.pcap")
    for at, listens in (("+0", True), ("end", False)):
        assert main(["netstat", "-ln", "--at", at, capture]) == 0
        assert ("LISTEN" in capsys.readouterr().out) == listens


def test_the_column_of_programs_is_empty_without_a_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", LEAK, "-ltp"]) == 0
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.endswith("PID/Program name")
    assert line.endswith(" -")


def test_option_o_is_the_program_on_windows_and_the_timer_on_linux(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words, heading in ((["--names", "windows"], "PID/Program name"), ([], "Timer")):
        assert main(["netstat", LEAK, "-ano", *words]) == 0
        assert capsys.readouterr().out.splitlines()[0].endswith(heading)


def test_addresses_that_are_no_net_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", LEAK, "--local", "here"]) == 2
    assert "neither an address nor a net" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name captures, or an interface"),
        ([LEAK, "-i", "lo"], "name captures, or an interface"),
        ([LEAK, "-c"], "need -i"),
        ([LEAK, "--duration", "1s"], "need -i"),
        (["-i", "lo", "--at", "+1"], "lists the connections now"),
        (["-i", "lo", "-c", "often"], "'often' is not"),
        ([LEAK, "--local", "tap"], "do not show at which host"),
    ],
)
def test_senseless_options_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["netstat", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_local_end_is_drawn_from_where_the_tap_stands(capsys: pytest.CaptureFixture[str]) -> None:
    for end, address in (("server", "10.222.99.2"), ("client", "10.222.99.1")):
        assert main(["netstat", "-tan", "--local", "tap", LEAK.replace("middle", end)]) == 0
        _, *lines = capsys.readouterr().out.splitlines()
        assert lines
        assert {line.split()[3].split(":")[0] for line in lines} == {address}


def test_other_states_have_a_column_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", "-tan", "-e", ACCEPT]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split()[-3:] == ["State", "Or", "Evidence"]
    rows = [line.split() for line in lines]
    assert {len(row) for row in rows} == {8}
    assert [row[5:] for row in rows if row[5] == "SYN_RECV"] == [["SYN_RECV", "ESTABLISHED", "presumed"]]


def test_states_at_an_instant_are_those_of_then(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", "-tn", "--at", "+0.001", ACCEPT]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    # The octets in flight then are not known now.
    assert [row[1:3] + row[5:] for row in rows] == [["-", "-", "SYN_SENT"]]


def test_other_states_at_an_instant_are_those_of_then(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", "-tan", "-e", "--at", "+6", ACCEPT]) == 0
    states = [line.split()[5:] for line in capsys.readouterr().out.splitlines()[1:]]
    assert ["SYN_RECV", "ESTABLISHED", "-"] in states
    assert ["ESTABLISHED", "CLOSED,SYN_RECV", "-"] in states


def test_time_wait_counts_down(capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(PCAPS / "last-ack-lost" / "client.pcap")
    assert main(["netstat", "-tno", capture]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "TIME_WAIT" in line]
    assert line.split()[-2] == "timewait"
    assert 50 < float(line.split()[-1].strip("(").split("/")[0]) < 60


def test_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["netstat", "-s", ACCEPT]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert {"3 connections opened or tried", "13 segments seen", "5 ends in ESTABLISHED"} <= set(lines)
