"""Idle time-outs that the world knows by number: a silence of such a length is worth a name, and no more.

The numbers are the defaults that the makers document (``makers`` says where); every one of them can be changed.
"""

from wirestat.spans import span
from wirestat.timers import SECOND, Timers

PATH_TIMEOUTS: dict[int, str] = {
    60: "an AWS application load balancer",
    90: "some mobile carriers' NAT",
    240: "Azure's load balancer and NAT",
    300: "a BIG-IP's TCP profile",
    350: "an AWS network load balancer (NLB) or NAT gateway",
    600: "Google Cloud's connection tracking",
    900: "IPVS (Kubernetes, Docker Swarm) or a SonicWall",
    1800: "a Juniper SRX",
    3600: "a Cisco ASA, Check Point or Fortinet firewall",
    5 * 86_400: "Linux conntrack's established time-out",
}
"""Seconds after which devices on the way forget a silent connection."""

SERVER_TIMEOUTS: dict[int, str] = {
    5: "Apache's KeepAliveTimeout or Node.js's keepAliveTimeout",
    10: "a short keep-alive",
    15: "Apache's older KeepAliveTimeout",
    20: "Tomcat's connectionTimeout",
    30: "Jetty's idle time-out",
    60: "a proxy's idle time-out",
    65: "an nginx sample configuration",
    75: "nginx's keepalive_timeout",
    120: "IIS's connection time-out",
    300: "a BIG-IP's TCP profile",
    350: "an AWS network load balancer",
}
"""Seconds after which servers close a connection on which no request comes."""

CLIENT_TIMEOUTS: dict[int, str] = {
    30: "Java's HttpClient",
    60: ".NET's HttpClient",
    90: "Go's http.DefaultTransport",
    115: "Firefox's keep-alive",
    118: "curl's connection cache",
    300: "Chrome's socket pool",
}
"""Seconds after which clients close a connection that they have no more requests for; shorter ones prove nothing."""

_HTTP = (80, 443)
_WEB = frozenset({80, 443, 591, 3000, 3128, 5000, 8000, 8008, 8080, 8081, 8088, 8090, 8443, 8888, 9000, 9443})
"""Where web servers and web proxies listen; clients elsewhere are of other kinds."""
_NO_HTTP = frozenset({1433, 1521, 1883, 3306, 3389, 5432, 5672, 5900, 6379, 8883, 9042, 9092, 11_211, 27_017})
"""Where databases, caches, brokers and remote desktops listen."""
_RESERVED = 1023
"""Up to here ports are for the service that they are assigned to (RFC 6335, 6)."""

_EARLY = 50
"""A silence may fall short of a time-out by one part in so many: 2 %."""
_LATE = 10
"""The segment that breaks a silence comes some time after the time-out: up to one part in so many still matches."""
_SLACK_NS = SECOND // 4
_DELAYED_ACK_NS = SECOND // 5
"""A timer that began as an answer left seems to run out so much too soon where its acknowledgement was delayed."""


def path_timeouts(timers: Timers) -> dict[int, str]:
    """Return the time-outs of devices on the way, that of the timer profile first where it has one."""
    own = timers.idle_timeout_ns // SECOND
    return {own: f"the {timers.name} profile", **PATH_TIMEOUTS} if own else PATH_TIMEOUTS


def server_timeouts(port: int) -> dict[int, str]:
    """Return the time-outs of servers on a port: they are of HTTP, and a port that is anything else's has others.

    >>> server_timeouts(502), server_timeouts(6379), server_timeouts(8080) is SERVER_TIMEOUTS
    ({}, {}, True)
    """
    may_be_http = port in _HTTP or (port > _RESERVED and port not in _NO_HTTP)
    return SERVER_TIMEOUTS if may_be_http else {}


def client_timeouts(port: int) -> dict[int, str]:
    """Return the time-outs of clients of a server's port: they are of HTTP as well, and of proxies.

    >>> client_timeouts(3306), client_timeouts(8080) is CLIENT_TIMEOUTS
    ({}, True)
    """
    return CLIENT_TIMEOUTS if port in _WEB else {}


def matching_timeouts(gap_ns: int, known: dict[int, str], *, own: bool = False) -> tuple[str, ...]:
    """Name the known time-outs that a silence matches.

    A timer's ``own`` doing, such as a FIN, comes when it runs out or a fraction of a second later, and hardly before;
    what somebody says into the silence comes later.

    >>> matching_timeouts(351 * SECOND, PATH_TIMEOUTS)
    ('the 5 min 50 s of an AWS network load balancer (NLB) or NAT gateway',)
    >>> matching_timeouts(500 * SECOND, PATH_TIMEOUTS)
    ()
    >>> matching_timeouts(65 * SECOND, SERVER_TIMEOUTS, own=True)
    ('the 65 s of an nginx sample configuration',)
    """
    return tuple(
        f"the {span(seconds * SECOND)} of {owner}"
        for seconds, owner in known.items()
        if (_runs_out(gap_ns, seconds * SECOND) if own else _matches(gap_ns, seconds * SECOND))
    )


def _runs_out(gap_ns: int, timeout_ns: int) -> bool:
    return -_DELAYED_ACK_NS <= gap_ns - timeout_ns <= _SLACK_NS


def _matches(gap_ns: int, timeout_ns: int) -> bool:
    early, late = max(_SLACK_NS, timeout_ns // _EARLY), max(_SLACK_NS, timeout_ns // _LATE)
    return timeout_ns - early <= gap_ns <= timeout_ns + late
