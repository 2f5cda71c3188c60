"""``wirestat tour``: five minutes in the terminal, on captures that come with wirestat."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import click

from wirestat.commands import terminal
from wirestat.commands.codes import Code
from wirestat.commands.options import voice_options
from wirestat.commands.voice import Voice
from wirestat.errors import PermissionDenied, UsageError
from wirestat.titles import printable


class Stop(NamedTuple):
    """One stop of the tour: a topic, a command, and what to look at in its output."""

    title: str
    before: str
    command: str
    after: str = ""


STOPS = (
    Stop(
        "What is wrong",
        "A client is connected and gets no answer; on the wire its handshake looks complete. Name the capture, and "
        "wirestat says what is wrong, at which end, how sure that is, and what to type next.",
        "wirestat accept-queue-full.pcap",
        "The client is in ESTABLISHED and the server still in SYN_RECV: it sent its SYN-ACK again after the final "
        "ACK was seen.",
    ),
    Stop(
        "Packet by packet",
        "Every change of state stands at the packet that shows it. A packet that was captured on its way may never "
        "have arrived: such a change is presumed, until a later packet proves or disproves it.",
        "wirestat last-ack-lost-client.pcap --connection 1",
        "The ACK of the server's FIN passes this tap time and again, and the server sends its FIN again all the "
        "same. Tools that look at flags alone call this connection complete.",
    ),
    Stop(
        "From both ends",
        "A second capture, taken at the server, knows what became of each packet.",
        "wirestat compare last-ack-lost-client.pcap last-ack-lost-server.pcap --summary",
        "The ACKs were lost between the two points.",
    ),
    Stop(
        "The table that netstat would show",
        "Which connections hung in CLOSE_WAIT thirty seconds into this capture? -Y takes whatever else you want to "
        "ask.",
        "wirestat close-wait-leak.pcap --at +30 -Y 'state==CLOSE_WAIT && for>20s'",
    ),
    Stop(
        "What a diagnosis means",
        "An application that never closes its socket leaves it in CLOSE_WAIT. Every diagnosis has a page.",
        "wirestat explain D10",
    ),
    Stop(
        "As the RFC draws it",
        "Two ends that close at once go by way of CLOSING, which few people have ever seen.",
        "wirestat simultaneous-close.pcap --connection 1",
    ),
)

_LAST = """\
That was the tour. From here:

  wirestat your.pcap                  your own capture
  sudo wirestat live                  this machine, while it happens
  wirestat annotate your.pcap -o out.pcapng   the same for Wireshark
  wirestat tour --copy FOLDER         these captures, to play with
  wirestat --help                     everything else"""


@click.command("tour")
@click.option(
    "--copy",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Only copy the captures of the tour there.",
)
@click.option("--no-wait", is_flag=True, help="Go on without waiting for Enter, as where nobody types.")
@voice_options
@click.pass_obj
def command(voice: Voice, copy: Path | None, no_wait: bool) -> Code:
    """Show what wirestat does in five minutes, on captures of real kernels that come with it."""
    with _samples() as samples:
        if copy is not None:
            return _copy(samples, copy)
        waits = not no_wait and sys.stdin.isatty() and sys.stdout.isatty()
        here = Path.cwd()
        os.chdir(samples)
        try:
            for number, stop in enumerate(STOPS, 1):
                if number > 1 and waits and not _goes_on(voice):
                    return Code.DONE
                _show(number, stop)
        finally:
            os.chdir(here)
    click.echo(_LAST)
    return Code.DONE


@contextmanager
def _samples() -> Iterator[Path]:
    """Give the folder of the captures, as one that has a path."""
    with as_file(files("wirestat") / "samples") as folder:
        yield folder


def _copy(samples: Path, folder: Path) -> Code:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sample in sorted(samples.glob("*.pcap")):
            shutil.copyfile(sample, folder / sample.name)
            click.echo(printable(str(folder / sample.name)))
    except PermissionError:
        raise PermissionDenied(str(folder)) from None
    except OSError as error:
        raise UsageError(f"cannot copy to {folder}: {(error.strerror or str(error)).lower()}") from None
    return Code.DONE


def _show(number: int, stop: Stop) -> None:
    import shlex

    from wirestat.commands import main
    from wirestat.report.layout import paragraph

    width = min(terminal.width(), 100)
    click.echo(click.style(f"{number} of {len(STOPS)}: {stop.title}", bold=True) + "\n")
    for line in paragraph(stop.before, "", width):
        click.echo(line)
    click.echo(f"\n$ {stop.command}\n")
    main(shlex.split(stop.command)[1:])
    click.echo()
    for line in paragraph(stop.after, "", width) if stop.after else ():
        click.echo(line)
    if stop.after:
        click.echo()


def _goes_on(voice: Voice) -> bool:
    """Wait for Enter; anything else than that ends the tour."""
    if not voice.quiet:
        click.echo("Enter goes on, q ends. ", nl=False)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        answer = ""
    click.echo()
    return bool(answer) and not answer.strip().lower().startswith("q")
