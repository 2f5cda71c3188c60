"""The group of all verbs: ``--help``, completion, and captures without a verb before them."""

import os
import stat
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from wirestat.commands.codes import Code
from wirestat.commands.known import DEFAULT as DEFAULT, VERBS as VERBS
from wirestat.commands.voice import forget_output

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_LIST = "-D"
"""The option of tcpdump and tshark that lists interfaces."""
_OWN_OPTIONS = frozenset({"--help", "-h", "--version", "-V"})


class Verbs(click.Group):
    """A click group whose commands come from the table ``VERBS``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every verb."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"wirestat.commands.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Offer verbs, options, and captures, which may take the place of a verb."""
        from click.shell_completion import CompletionItem

        offered = [CompletionItem(name, help=help) for name, help in VERBS.items()]
        offered = [item for item in offered if item.value.startswith(incomplete)]
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        # First, as the bash script discards everything before it.
        return [CompletionItem(incomplete, type="file"), *offered]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs for ``--help`` without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, help) for name, help in VERBS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print a first help without arguments, and treat a first word that is not a verb as a capture to analyze."""
        if not args and not ctx.resilient_parsing:
            _welcome(ctx)
        if args and args[0] == _LIST:
            args = ["interfaces", *args[1:]]
        if args and args[0] not in VERBS and args[0] not in _OWN_OPTIONS:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; a broken output pipe gets its own exit code, where click would return 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            forget_output()
            raise click.exceptions.Exit(Code.PIPE) from None


_WELCOME = """\
wirestat: netstat, from the wire

It reads captured packets and says of both ends of every TCP connection which
state that end was in, how that is known, and what is wrong when it is stuck.

  wirestat trace.pcap                     what is wrong in a capture
  wirestat trace.pcap --state close-wait  connections with an end in CLOSE_WAIT
  wirestat explain D05                    what a diagnosis means, and what to do
  wirestat tour                           five minutes, on captures that come with it
  sudo wirestat live                      this machine, while it happens
  tcpdump -U -w - | wirestat -r -         read from a pipe
  wirestat --help                         everything else"""

_PIPE = """\
error: no capture named; standard input is a pipe
hint: 'wirestat -r -' reads the capture from it"""


def _welcome(ctx: click.Context) -> None:
    """Print a first help; if a capture is piped in, say how to read it."""
    if _stdin_holds_something():
        click.echo(_PIPE, err=True)
        ctx.exit(Code.USAGE)
    click.echo(_WELCOME)
    ctx.exit(Code.DONE)


def _stdin_holds_something() -> bool:
    """Tell whether standard input is a pipe or a file, not a terminal or ``/dev/null``."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # there is no standard input, or it is not a file
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from wirestat import __version__

        click.echo(f"wirestat {__version__}")
        ctx.exit(Code.DONE)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version.",
)
def verbs() -> None:
    """Netstat, from the wire: the TCP state of both ends of every connection in a capture.

    A capture without a verb is analyzed: 'wirestat trace.pcap'.
    """
