"""``wirestat extcap``: implements Wireshark's extcap interface.

Wireshark runs the program several times: for the list of interfaces, their link types, their options, and to capture
into a named pipe.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import click

from wirestat.commands.codes import Code
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError

FILE = "wirestat"
LIVE = "wirestat-live"
INTERFACES = {
    FILE: "A capture with the TCP states of both ends",
    LIVE: "An interface with the TCP states of both ends",
}
"""The names of the interfaces, and their descriptions in Wireshark."""
_EXTCAP = {"ignore_unknown_options": True, "allow_extra_args": True}
"""Later versions of Wireshark may pass unknown options."""
_CONFIG = {
    FILE: """\
arg {number=0}{call=--file}{display=Capture}{type=fileselect}{mustexist=true}{required=true}\
{tooltip=The capture to open with comments on the states of both ends}{group=Capture}
arg {number=1}{call=--where}{display=Only comment on}{type=string}{required=false}\
{tooltip=A filter of wirestat, as state==CLOSE_WAIT && for>60s: all frames are shown}{group=Capture}""",
    LIVE: """\
arg {number=0}{call=--interface}{display=Interface}{type=string}{required=true}{default=any}\
{tooltip=Where to capture: 'wirestat -D' lists the interfaces}{group=Capture}""",
}


@click.command("extcap", context_settings=_EXTCAP)
@click.option("--extcap-interfaces", "interfaces", is_flag=True, help="List the interfaces.")
@click.option("--extcap-dlts", "dlts", is_flag=True, help="List its link types.")
@click.option("--extcap-config", "config", is_flag=True, help="List its options.")
@click.option("--capture", is_flag=True, help="Write the annotated capture into the pipe.")
@click.option("--extcap-interface", "interface", metavar="NAME", help="The interface.")
@click.option("--extcap-version", "version", metavar="VERSION", help="The version of Wireshark that asks.")
@click.option("--fifo", type=click.Path(path_type=Path), metavar="PIPE", help="The pipe.")
@click.option("--file", metavar="CAPTURE", help="The capture to annotate.")
@click.option("--interface", "on", default="any", metavar="IF", help="Where to capture live.")
@click.option(
    "--extcap-capture-filter", "expression", default="", metavar="BPF", help="What to capture there."
)
@click.option(
    "--where", default="", metavar="FILTER", help="Comment only on connections for which this is true."
)
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Answer Wireshark, which runs this for the interfaces that 'wirestat wireshark --install' adds to its list."""
    if values["interfaces"]:
        from wirestat import __version__

        click.echo(f"extcap {{version={__version__}}}{{display=wirestat}}")
        for name, about in INTERFACES.items():
            click.echo(f"interface {{value={name}}}{{display={about}}}")
        return Code.DONE
    chosen = values["interface"]
    if chosen not in INTERFACES:
        wrong = "no interface is named" if chosen is None else f"there is no interface {chosen!r}"
        raise UsageError(wrong, hint=f"--extcap-interface takes {' or '.join(INTERFACES)}")
    if values["dlts"]:
        # The output is pcapng, which has the link type of each interface.
        click.echo("dlt {number=1}{name=EN10MB}{display=that of the capture}")
    elif values["config"]:
        click.echo(_CONFIG[chosen])
    elif values["capture"] and values["fifo"] is None:
        raise UsageError("no pipe was named to write into")
    elif values["capture"] and chosen == LIVE:
        return _live(values["on"], values["fifo"], values["expression"])
    elif values["capture"]:
        return _capture(values["file"], values["fifo"], values["where"], voice)
    return Code.DONE


def _live(name: str, fifo: Path, expression: str) -> Code:
    """Capture on an interface, with dumpcap if only dumpcap may capture."""
    from wirestat.capture.interfaces import may_capture
    from wirestat.capture.programs import find
    from wirestat.commands import main

    words = ["live", "-q", "-w", str(fifo), "--annotate"]
    dumpcap = None if may_capture() else find("dumpcap")
    if dumpcap is None:
        return Code(main([*words, "-i", name, *(["-f", expression] if expression else [])]))
    command = [dumpcap, "-q", "-i", name, "-w", "-", *(["-f", expression] if expression else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as capturing:
        if capturing.stdout is not None:
            os.dup2(capturing.stdout.fileno(), 0)
        try:
            return Code(main([*words, "-r", "-"]))
        finally:
            capturing.terminate()


def _capture(file: str | None, fifo: Path, where: str, voice: Voice) -> Code:
    if not file:
        raise UsageError("no capture was chosen", hint="choose one in the options of the interface")
    from wirestat.commands.annotate import Request, annotate
    from wirestat.commands.filter_options import question
    from wirestat.names import Dialect
    from wirestat.timers import LINUX

    request = Request(
        capture=file,
        output=fifo,
        where=question(where) if where.strip() else None,
        names=Dialect.LINUX,
        timers=LINUX.name,
        changes=(),
        max_connections=None,
    )
    voice.quiet = True  # Wireshark shows any message as an error
    return annotate(request, voice)
