"""Commands for machines that do not run Linux: each command of Linux has its like on Windows and BSD, or none.

Rules name the commands of Linux. The timer profile says which system the capture's hosts have.
"""

import re
from collections.abc import Callable

from wirestat.timers import BSD, WINDOWS

_STATES = {
    "close-wait": ("CloseWait", "CLOSE_WAIT"),
    "fin-wait-1": ("FinWait1", "FIN_WAIT_1"),
    "fin-wait-2": ("FinWait2", "FIN_WAIT_2"),
    "last-ack": ("LastAck", "LAST_ACK"),
    "syn-recv": ("SynReceived", "SYN_RCVD"),
    "established": ("Established", "ESTABLISHED"),
    "time-wait": ("TimeWait", "TIME_WAIT"),
}
"""States as ss, PowerShell and netstat spell them."""
_SIDES = {"sport": "-LocalPort", "dport": "-RemotePort"}
_Match = re.Match[str]
_Table = tuple[tuple[str, Callable[[_Match], str]], ...]

_ON_WINDOWS: _Table = (
    (
        r"ss \S+ state (\S+) '\( ([sd]port) = :(\d+) \)'",
        lambda m: f"Get-NetTCPConnection -State {_STATES[m[1]][0]} {_SIDES[m[2]]} {m[3]}",
    ),
    (r"ss -ltnp '\( sport = :(\d+) \)'", lambda m: f"Get-NetTCPConnection -State Listen -LocalPort {m[1]}"),
    (
        r"ss \S+ '\( sport = :(\d+) and dport = :(\d+) \)' dst (\S+)",
        lambda m: (
            f"Get-NetTCPConnection -LocalPort {m[1]} -RemotePort {m[2]} -RemoteAddress {m[3].strip('[]')}"
        ),
    ),
    (
        r"ss -(K|\S+) dst (\S+) dport = :?(\d+)",  # of -K there is no like: the process can be ended
        lambda m: (
            f"Get-NetTCPConnection -RemoteAddress {m[2].strip('[]')} -RemotePort {m[3]}"
            + (" | Format-List OwningProcess" if m[1] == "K" else "")
        ),
    ),
    (r"ss \S+ '\( ([sd]port) = :(\d+)", lambda m: f"Get-NetTCPConnection {_SIDES[m[1]]} {m[2]}"),
    (r"nstat", lambda _: "netstat -s -p tcp"),
    (r"sysctl .*(?:log_martians|tcp_tw_recycle)", lambda _: ""),
    (
        r"sysctl .*keepalive",
        lambda _: r"reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /f KeepAlive",
    ),
    (r"sysctl", lambda _: "Get-NetTCPSetting | Format-List"),
    (
        r"tcpdump -ni any -w (\w+)\.pcap.*?tcp port (\d+)",
        lambda m: (
            f"pktmon filter add -t tcp -p {m[2]}; pktmon start --capture --pkt-size 128 --file-name {m[1]}.etl; "
            f"pause; pktmon stop; pktmon etl2pcap {m[1]}.etl"
        ),
    ),
    (r"ping -c 3 (\S+)", lambda m: f"ping -n 3 {m[1]}"),
    (r"ping -(\d) -M do -s (\d+) -c 3 (\S+)", lambda m: f"ping -{m[1]} -f -l {m[2]} -n 3 {m[3]}"),
    (r"trace(?:route|path) .*?(\S+)$", lambda m: f"tracert -d {m[1]}"),
    (r"uptime", lambda _: "(Get-CimInstance Win32_OperatingSystem).LastBootUpTime"),
    (r"lsof -nP -iTCP:(\d+)", lambda m: f'netstat -ano | findstr /R ":{m[1]}.*CLOSE_WAIT"'),
    (r"ip route get (\S+)", lambda m: f"Find-NetRoute -RemoteIPAddress {m[1]}"),
    (r"arping -c 3 (\S+)", lambda m: f"arp -a {m[1]}"),
    (
        r"ip -s link; ip route get (\S+); ip neigh",
        lambda m: f"Get-NetAdapterStatistics; Find-NetRoute -RemoteIPAddress {m[1]}; Get-NetNeighbor",
    ),
    (r"journalctl -k", lambda _: "Get-WinEvent -LogName System -MaxEvents 50"),
    (r"getent hosts (\S+)", lambda m: f"Resolve-DnsName {m[1]}"),
)
_ON_BSD: _Table = (
    (
        r"ss \S+ state (\S+) '\( [sd]port = :(\d+) \)'",
        lambda m: f"netstat -an -p tcp | grep -E '[.]{m[2]} .*{_STATES[m[1]][1]}'",
    ),
    (r"ss -ltnp '\( sport = :(\d+) \)'", lambda m: f"netstat -Lan -p tcp | grep -E '[.]{m[1]}( |$)'"),
    (
        r"ss \S+ '\( sport = :(\d+) and dport = :(\d+) \)'",
        lambda m: f"netstat -anx -p tcp | grep -E '[.]{m[1]} .*[.]{m[2]} '",
    ),
    (r"ss -K dst (\S+) dport = (\d+)", lambda m: f"sockstat -P tcp -p {m[2]}"),
    (
        r"ss \S+ dst (\S+) dport = :(\d+)",
        lambda m: f"netstat -an -p tcp | grep '{m[1].strip('[]')}[.]{m[2]} '",
    ),
    (r"ss \S+ '\( [sd]port = :(\d+)", lambda m: f"netstat -an -p tcp | grep '[.]{m[1]} '"),
    (r"nstat", lambda _: "netstat -s -p tcp"),
    (
        r"sysctl .*keepalive",
        lambda _: "sysctl net.inet.tcp.keepidle net.inet.tcp.keepintvl net.inet.tcp.keepcnt",
    ),
    (r"sysctl .*fin_timeout", lambda _: "sysctl net.inet.tcp.finwait2_timeout"),
    # FreeBSD has the one, macOS the other.
    (r"sysctl .*(?:somaxconn|backlog)", lambda _: "sysctl kern.ipc | grep -E 'soacceptqueue|somaxconn'"),
    (r"sysctl .*(?:log_martians|tcp_tw_recycle)", lambda _: ""),
    (r"sysctl", lambda _: "sysctl net.inet.tcp"),
    (r"tcpdump -ni any (.*)$", lambda m: f"tcpdump -ni INTERFACE {m[1]}"),
    (r"ping -6 -M do (.*)$", lambda m: f"ping6 -D {m[1]}"),
    (r"ping -\d -M do (.*)$", lambda m: f"ping -D {m[1]}"),
    (r"ping (-c .*:.*)$", lambda m: f"ping6 {m[1]}"),
    (r"(ping -c .*|uptime|ulimit -n)$", lambda m: m[1]),
    (r"arping -c 3 (\S+)", lambda m: f"arp -n {m[1]}"),
    (r"uptime; last.*", lambda _: "uptime; last reboot shutdown | head"),
    (r"trace(?:route -T -p \d+|path -n) (\S*:\S*)$", lambda m: f"traceroute6 -n {m[1]}"),
    (r"traceroute -T (.*)$", lambda m: f"traceroute -P tcp {m[1]}"),
    (r"tracepath -n (\S+)", lambda m: f"traceroute -n {m[1]}"),
    (r"(lsof -nP -iTCP:(\d+).*)$", lambda m: f"sockstat -P tcp -p {m[2]} || {m[1]}"),
    (r"ip route get (\S+)", lambda m: f"route get {m[1]}"),
    (r"ip -s link; ip route get (\S+); ip neigh", lambda m: f"netstat -i; route get {m[1]}; arp -an"),
    (r"journalctl -k", lambda _: "dmesg | tail -50"),
    (r"getent hosts (\S+)", lambda m: f"host {m[1]}"),
)
_PROMPTS = {WINDOWS.name: ">"}
_LIKES = {WINDOWS.name: _ON_WINDOWS, BSD.name: _ON_BSD}


def prompt(system: str) -> str:
    """Return what stands before a command on a system.

    >>> prompt("windows"), prompt("linux")
    ('>', '$')
    """
    return _PROMPTS.get(system, "$")


def spoken(command: str, system: str) -> str:
    """Return the equivalent of a Linux command on another system; "" if there is none.

    >>> spoken("ss -tnop state close-wait '( sport = :80 )'", "windows")
    'Get-NetTCPConnection -State CloseWait -LocalPort 80'
    >>> spoken("nstat -az TcpExtListenDrops", "bsd")
    'netstat -s -p tcp'
    >>> spoken("conntrack -S", "windows"), spoken("conntrack -S", "linux")
    ('', 'conntrack -S')
    """
    table = _LIKES.get(system)
    if table is None:
        return command
    return next((like(found) for pattern, like in table if (found := re.match(pattern, command))), "")
