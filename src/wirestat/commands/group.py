"""The table of verbs. A verb is imported when it is used, so that the others cost nothing.

To add one: write ``commands/<verb>.py`` with a click command named ``command``, and add its line here.
"""

import os
import stat
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from wirestat.commands.codes import Code

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Verb(NamedTuple):
    """Where a verb lives, and what ``--help`` says of it without importing it."""

    module: str
    help: str


VERBS: dict[str, Verb] = {
    "analyze": Verb(
        "wirestat.commands.analyze", "Say which state both ends of every connection are in, and why."
    ),
    "annotate": Verb(
        "wirestat.commands.annotate", "Copy a capture with comments at the frames that move a state."
    ),
    "live": Verb("wirestat.commands.live", "Capture on interfaces, and tell what happens as it happens."),
    "tui": Verb(
        "wirestat.commands.tui", "Show connections on the whole screen, of files or while they happen."
    ),
    "report": Verb(
        "wirestat.commands.report", "Put everything about captures into one page that opens offline."
    ),
    "draw": Verb(
        "wirestat.commands.draw", "Draw a connection, many over time, or the states that were seen."
    ),
    "compare": Verb(
        "wirestat.commands.compare",
        "Compare captures of the same traffic: what was lost, delayed or altered, and where.",
    ),
    "history": Verb(
        "wirestat.commands.history", "Say who was in which state, in what a long capture has kept."
    ),
    "diff": Verb(
        "wirestat.commands.diff", "Compare two captures, service by service: what is worse, new, gone."
    ),
    "batch": Verb("wirestat.commands.batch", "Read many captures, each for itself, into tables."),
    "netstat": Verb("wirestat.commands.netstat", "Print netstat's table, for the hosts at either end."),
    "count": Verb("wirestat.commands.count", "Count the ends in each state, as netstat and awk do."),
    "sql": Verb("wirestat.commands.sql", "Ask about connections, transitions and findings in SQL."),
    "interfaces": Verb("wirestat.commands.interfaces", "List the interfaces that can be captured on."),
    "explain": Verb(
        "wirestat.commands.explain", "Explain a diagnosis: what it means, what else it might be, what to do."
    ),
    "fields": Verb(
        "wirestat.commands.fields", "List what a filter (-Y) may ask for, with units and examples."
    ),
    "states": Verb(
        "wirestat.commands.states", "Draw the states and changes of state that RFC 9293 documents."
    ),
    "tour": Verb(
        "wirestat.commands.tour", "Show what wirestat does in five minutes, on captures of its own."
    ),
    "wireshark": Verb("wirestat.commands.wireshark", "Print or install the plugin for Wireshark and tshark."),
    "extcap": Verb("wirestat.commands.extcap", "Answer Wireshark, which runs this as an interface."),
    "completion": Verb("wirestat.commands.completion", "Print what teaches bash, zsh or fish to complete."),
}
"""In the order in which ``--help`` lists them."""

DEFAULT = "analyze"
"""The verb that ``wirestat FILE`` stands for."""

_LIST = "-D"
"""tcpdump's and tshark's way to ask for the interfaces."""
_OWN_OPTIONS = frozenset({"--help", "-h", "--version", "-V"})


class Verbs(click.Group):
    """A group that knows its commands by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every verb."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(VERBS[cmd_name].module).command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Offer verbs, options, and captures, as one may stand where a verb does."""
        from click.shell_completion import CompletionItem

        offered = [CompletionItem(name, help=verb.help) for name, verb in VERBS.items()]
        offered = [item for item in offered if item.value.startswith(incomplete)]
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        # First, because the script for bash forgets what came before it.
        return [CompletionItem(incomplete, type="file"), *offered]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs for ``--help`` without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Welcome whoever typed nothing, and take what is not a verb for a capture to analyze."""
        if not args and not ctx.resilient_parsing:
            _welcome(ctx)
        if args and args[0] == _LIST:
            args = ["interfaces", *args[1:]]
        if args and args[0] not in VERBS and args[0] not in _OWN_OPTIONS:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; that nobody reads its output any more is an exit code, where click would make it 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            forget_output()
            raise click.exceptions.Exit(Code.PIPE) from None


def forget_output() -> None:
    """Keep the interpreter from complaining or waiting on its way out as nobody reads what is still buffered."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    """Print a first help; where somebody pipes a capture in, say how to have it read."""
    if _stdin_holds_something():
        click.echo(_PIPE, err=True)
        ctx.exit(Code.USAGE)
    click.echo(_WELCOME)
    ctx.exit(Code.DONE)


def _stdin_holds_something() -> bool:
    """Tell a pipe or a redirected file from a terminal and from ``/dev/null``, where nothing waits to be read."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # there is no standard input, or it is no file
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
