"""Commands that tell more, with the numbers of the case filled in: what to type next, and on which machine.

An advice is a sentence or two and then commands, one a line, each after the prompt of the machine to run it on.
"""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.systems import prompt, spoken
from wirestat.words import bracketed


def advise(words: str, *commands: str) -> str:
    """Join what to do with the commands to run next, as far as the machine has them."""
    return "\n".join((words, *filter(None, commands)))


def argument(path: str) -> str:
    """Write the path of a file as a shell reads it, and so that no command takes it for an option.

    >>> argument("a.pcap"), argument("a b.pcap"), argument("-z")
    ('a.pcap', "'a b.pcap'", './-z')
    """
    import shlex  # here, because it loads more than it does

    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def on(end: End, command: str) -> str:
    """Say on which machine to run a command of Linux, or its like there: ``  10.0.0.2$ ss -ltn``; "" for none."""
    return at(end.address, end.system, command)


def at(address: str, system: str, command: str) -> str:
    """Say the same of a machine that is known by its address alone."""
    like = spoken(command, system)
    return f"  {address}{prompt(system)} {like}" if like else ""


def ss_address(address: str) -> str:
    """Write an address as ss reads it: the colons of IPv6 in brackets."""
    return bracketed(address)


def ss_state(end: End, state: str) -> str:
    """List the sockets of ``end``'s port in one state, with timers and processes."""
    return on(end, f"ss -tnop state {state} '( sport = :{end.port} )'")


def ss_this(end: End) -> str:
    """Show this very connection as the kernel of ``end`` has it."""
    other = ss_address(end.other.address)
    return on(end, f"ss -tnaoi '( sport = :{end.port} and dport = :{end.other.port} )' dst {other}")


def ss_listen(end: End) -> str:
    """Show the listening socket: Recv-Q is the accept queue, Send-Q its limit."""
    return on(end, f"ss -ltnp '( sport = :{end.port} )'")


def ss_listen_at(address: str, port: int, system: str) -> str:
    """Show the same at a machine that is known by its address alone."""
    return at(address, system, f"ss -ltnp '( sport = :{port} )'")


def nstat(end: End, *counters: str) -> str:
    """Read kernel counters, zeros included."""
    return on(end, "nstat -az " + " ".join(counters))


def sysctl(end: End, *keys: str) -> str:
    """Read settings."""
    return on(end, "sysctl " + " ".join(keys))


def idle_settings(end: End) -> str:
    """Look for the idle time-outs of the usual servers and proxies; those of an application are in its own code."""
    names = "keepalive_timeout|KeepAliveTimeout|http-keep-alive|timeout (client|server)"
    return on(end, f"grep -rnsE '{names}' /etc/nginx /etc/apache2 /etc/httpd /etc/haproxy")


def keepalive_settings(end: End) -> str:
    """Read when a silent connection is probed, how often and how many times."""
    return sysctl(
        end,
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    )


def capture_at(end: End) -> str:
    """Capture this pair of sockets on the other side of the doubt."""
    return on(
        end,
        f"tcpdump -ni any -w {end.side}.pcap host {end.other.address} and tcp port {end.port} and tcp port "
        f"{end.other.port}",
    )


def capture_server(end: End) -> str:
    """Capture whatever reaches the server's port from this client."""
    server, client = (end, end.other) if end.side == "server" else (end.other, end)
    return on(
        end,
        f"tcpdump -ni any -w {end.side}.pcap 'host {client.address} and (tcp port {server.port} or icmp)'",
    )
