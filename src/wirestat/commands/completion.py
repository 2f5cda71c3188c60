"""``wirestat completion``: the shell's completion scripts."""

from typing import cast

import click
from click.shell_completion import ShellComplete, get_completion_class

from wirestat.commands.options import voice_options

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_WIRESTAT_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@voice_options
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL: verbs, options, states, diagnoses, timers, interfaces, filter fields.

    \b
    bash:  wirestat completion bash > ~/.local/share/bash-completion/completions/wirestat
    zsh:   wirestat completion zsh > ~/.zfunc/_wirestat  # with fpath+=~/.zfunc before compinit in ~/.zshrc
    fish:  wirestat completion fish > ~/.config/fish/completions/wirestat.fish
    """  # noqa: D301  # click keeps the lines below a \b as they are
    kind = cast("type[ShellComplete]", get_completion_class(shell))
    script = kind(ctx.find_root().command, {}, "wirestat", _VARIABLE)
    # click's class for bash would run bash to check its version.
    click.echo(ShellComplete.source(script))
