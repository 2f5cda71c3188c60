"""Commands to type next, on the system that the timer profile names."""

import re
from pathlib import Path

import pytest

from tests.quick import IN_CI
from wirestat import analyze
from wirestat.diagnosis.systems import prompt, spoken

PCAPS = Path(__file__).parents[2] / "pcaps"
ALL = [*sorted(PCAPS.glob("*/client.pcap")), *sorted(PCAPS.glob("field/*/capture.pcap"))]
CAPTURES = ALL if IN_CI else ALL[::4]
LINUX_ONLY = re.compile(
    r"[$>] (?:ss|nstat|lsof|conntrack|nft|ip|tracepath|arping|journalctl|ethtool)\b|sysctl.* net\.ipv4"
)


@pytest.mark.parametrize("system", ["windows", "bsd"])
def test_no_machine_is_told_to_run_what_it_has_not(system: str) -> None:
    told = 0
    for capture in CAPTURES:
        for finding in analyze(capture, timers=system).findings:
            for line in finding.advice.splitlines()[1:]:
                told += 1
                host = line.split(prompt(system))[0].strip()
                if re.match(r"[\d.:a-f]+$", host):
                    assert not LINUX_ONLY.search(line), (capture.parent.name, line)
    assert told > 50


def test_linux_is_spoken_as_it_is_written() -> None:
    assert spoken("ss -ltnp '( sport = :80 )'", "linux") == "ss -ltnp '( sport = :80 )'"
    assert spoken("ss -ltnp '( sport = :80 )'", "f5") == "ss -ltnp '( sport = :80 )'"


@pytest.mark.parametrize(
    ("command", "windows", "bsd"),
    [
        (
            "ss -tnaoi '( sport = :80 and dport = :4001 )' dst [2001:db8::1]",
            "Get-NetTCPConnection -LocalPort 80 -RemotePort 4001 -RemoteAddress 2001:db8::1",
            "netstat -anx -p tcp | grep -E '[.]80 .*[.]4001 '",
        ),
        (
            "sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl",
            r"reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /f KeepAlive",
            "sysctl net.inet.tcp.keepidle net.inet.tcp.keepintvl net.inet.tcp.keepcnt",
        ),
        (
            "ss -tno dst [2001:db8::1] dport = :4001",
            "Get-NetTCPConnection -RemoteAddress 2001:db8::1 -RemotePort 4001",
            "netstat -an -p tcp | grep '2001:db8::1[.]4001 '",
        ),
        (
            "ss -K dst 10.0.0.1 dport = 4001",
            "Get-NetTCPConnection -RemoteAddress 10.0.0.1 -RemotePort 4001 | Format-List OwningProcess",
            "sockstat -P tcp -p 4001",
        ),
        ("traceroute -T -p 80 10.0.0.2", "tracert -d 10.0.0.2", "traceroute -P tcp -p 80 10.0.0.2"),
        ("nft list ruleset | grep -n reject", "", ""),
        ("traceroute -T -p 80 2001:db8::2", "tracert -d 2001:db8::2", "traceroute6 -n 2001:db8::2"),
        ("ping -c 3 2001:db8::2", "ping -n 3 2001:db8::2", "ping6 -c 3 2001:db8::2"),
        ("ping -c 3 10.0.0.2", "ping -n 3 10.0.0.2", "ping -c 3 10.0.0.2"),
        (
            "ip -s link; ip route get 10.0.0.2; ip neigh",
            "Get-NetAdapterStatistics; Find-NetRoute -RemoteIPAddress 10.0.0.2; Get-NetNeighbor",
            "netstat -i; route get 10.0.0.2; arp -an",
        ),
        ("sysctl net.ipv4.conf.all.log_martians", "", ""),
    ],
)
def test_each_system_has_its_own_words(command: str, windows: str, bsd: str) -> None:
    assert (spoken(command, "windows"), spoken(command, "bsd")) == (windows, bsd)


@pytest.mark.parametrize("system", ["windows", "bsd", "linux"])
def test_keepalives_are_told_in_the_words_of_the_system(system: str) -> None:
    capture = PCAPS / "field" / "firewall-resets-what-was-idle-for-an-hour" / "capture.pcap"
    advice = " ".join(each.advice for each in analyze(capture, timers=system).findings if each.id == "D08")
    assert "SO_KEEPALIVE" in advice
    assert ("ss then shows" in advice) == (system == "linux")
