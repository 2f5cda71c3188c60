"""Where the time-outs that are known by number are documented, and how to look them up on the device."""

from typing import NamedTuple


class Maker(NamedTuple):
    """Whose default a time-out is."""

    source: str
    """The document that says so."""
    commands: tuple[str, ...] = ()
    """The commands that show the value in force, each after the prompt of the machine to run it on."""


CONNTRACK = "  gateway$ sysctl net.netfilter.nf_conntrack_tcp_timeout_established"
"""The entry for a gateway of Linux, whatever number matches."""

MAKERS: dict[str, Maker] = {
    # on the way
    "an AWS application load balancer": Maker(
        "AWS, Application Load Balancers: idle_timeout.timeout_seconds",
        (
            "  cloud$ aws elbv2 describe-load-balancer-attributes --load-balancer-arn ARN "
            "--query \"Attributes[?Key=='idle_timeout.timeout_seconds']\"",
        ),
    ),
    "some mobile carriers' NAT": Maker(
        "judgement; RFC 5382, REQ-5 asks for 2 h 4 min, and carriers give less"
    ),
    "Azure's load balancer and NAT": Maker(
        "Microsoft, Load Balancer TCP reset and idle time-out: 4 minutes unless changed",
        (
            "  cloud$ az network lb rule list --lb-name NAME -g GROUP --query '[].{idle:idleTimeoutInMinutes, "
            "reset:enableTcpReset}'",
        ),
    ),
    "a BIG-IP's TCP profile": Maker(
        "F5, K7166: idle time-outs of profiles and virtual servers",
        ("  bigip$ tmsh list ltm profile tcp idle-timeout reset-on-timeout",),
    ),
    "an AWS network load balancer (NLB) or NAT gateway": Maker(
        "AWS, Network Load Balancers: connection idle timeout; NAT gateways: 350 seconds",
        (
            "  cloud$ aws elbv2 describe-listener-attributes --listener-arn ARN "
            "--query \"Attributes[?Key=='tcp.idle_timeout.seconds']\"",
        ),
    ),
    "Google Cloud's connection tracking": Maker(
        "Google Cloud, VPC firewall rules: tracking of idle TCP connections ends after 10 minutes"
    ),
    "IPVS (Kubernetes, Docker Swarm) or a SonicWall": Maker(
        "Linux, ipvsadm(8) --set: 900 s; kube-proxy --ipvs-tcp-timeout; SonicWall: 15 minutes",
        (
            "  node$ ipvsadm -l --timeout",
            "  node$ ipvsadm -Lnc | grep ESTABLISHED",
            "  node$ kubectl -n kube-system get configmap kube-proxy -o yaml | grep -i tcpTimeout",
        ),
    ),
    "a Juniper SRX": Maker(
        "Juniper, session time-outs of applications: 1800 s for TCP",
        ("  srx> show security flow session",),
    ),
    "a Cisco ASA, Check Point or Fortinet firewall": Maker(
        "Cisco ASA, timeout conn; Check Point, TCP session timeout; Fortinet, session-ttl: 1 hour each",
        ("  asa> show running-config timeout",),
    ),
    "Linux conntrack's established time-out": Maker(
        "Linux, nf_conntrack-sysctl: nf_conntrack_tcp_timeout_established, 432000 s",
        (CONNTRACK, "  gateway$ nft list ruleset | grep -n -A3 'ct timeout'"),
    ),
    # at servers
    "Apache's KeepAliveTimeout or Node.js's keepAliveTimeout": Maker(
        "Apache httpd, core: KeepAliveTimeout; Node.js, http: server.keepAliveTimeout"
    ),
    "a short keep-alive": Maker("judgement; often set by hand"),
    "Apache's older KeepAliveTimeout": Maker("Apache httpd 2.0, core: KeepAliveTimeout, 15 s until 2.2"),
    "Tomcat's connectionTimeout": Maker(
        "Apache Tomcat, HTTP connector: connectionTimeout in server.xml, 20000 ms"
    ),
    "Jetty's idle time-out": Maker("Eclipse Jetty, ServerConnector: idleTimeout, 30000 ms"),
    "a proxy's idle time-out": Maker("AWS application load balancer, HAProxy's example, many others: 60 s"),
    "an nginx sample configuration": Maker("nginx, nginx.conf as packaged: keepalive_timeout 65"),
    "nginx's keepalive_timeout": Maker("nginx, ngx_http_core_module: keepalive_timeout, 75 s"),
    "IIS's connection time-out": Maker("Microsoft IIS, limits: connectionTimeout, 2 minutes"),
    "an AWS network load balancer": Maker("AWS, Network Load Balancers: connection idle timeout, 350 s"),
    # at clients
    "Java's HttpClient": Maker("OpenJDK, java.net.http: jdk.httpclient.keepalive.timeout, 30 s since 20"),
    ".NET's HttpClient": Maker(
        "Microsoft .NET, SocketsHttpHandler.PooledConnectionIdleTimeout: 1 minute since 5"
    ),
    "Go's http.DefaultTransport": Maker("Go, net/http: IdleConnTimeout of DefaultTransport, 90 s"),
    "Firefox's keep-alive": Maker("Mozilla, network.http.keep-alive.timeout: 115 s"),
    "curl's connection cache": Maker("curl, CURLOPT_MAXAGE_CONN: 118 s"),
    "Chrome's socket pool": Maker("Chromium, net/socket: used idle sockets are kept for 5 minutes"),
}
"""By the words that a finding names it with."""


def commands_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the commands that show the time-outs in force, for those that a finding names.

    >>> commands_of(("the 30 min of a Juniper SRX",))
    ('  srx> show security flow session',)
    """
    return tuple(
        command
        for owner, maker in MAKERS.items()
        if any(name.endswith(f" of {owner}") for name in names)
        for command in maker.commands
    )
