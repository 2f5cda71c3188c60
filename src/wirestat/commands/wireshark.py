"""``wirestat wireshark``: installs wirestat into Wireshark."""

import os
import shlex
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import click

from wirestat.commands.options import tshark_option, voice_options
from wirestat.commands.voice import Voice
from wirestat.errors import PermissionDenied, UsageError

PLUGIN = "wirestat.lua"
EXTCAP = "wirestat"
COLOURS = "colouring-rules"
_FOLDERS = {PLUGIN: "Personal Lua Plugins", EXTCAP: "Personal Extcap path"}
"""Wireshark's name for the folder of each file."""
_USUAL = {PLUGIN: Path(".local/lib/wireshark/plugins"), EXTCAP: Path(".local/lib/wireshark/extcap")}
"""The same in the home directory, without a tshark to ask."""


@click.command("wireshark")
@click.option("--install", is_flag=True, help="Put the plugin and the interface into the user's own folders.")
@click.option("--extcap", is_flag=True, help="Print the extcap program.")
@click.option(
    "--colours", is_flag=True, help="Print colouring rules on these fields, for Wireshark to import."
)
@tshark_option
@voice_options
@click.pass_obj
def command(voice: Voice, install: bool, extcap: bool, colours: bool, tshark: str | None) -> None:
    """Print the plugin that gives Wireshark and tshark fields for the states of both ends; or install it.

    The plugin reads the comments of 'wirestat annotate'. Its fields are wirestat.connection, wirestat.client.state,
    wirestat.server.state, wirestat.evidence and wirestat.finding: for columns, filters and colouring rules.

    With --install, Wireshark also lists an interface 'wirestat', which annotates a capture as it is opened.
    """
    if not install:
        click.echo(program() if extcap else shipped(COLOURS if colours else PLUGIN), nl=False)
        return
    _install(voice, tshark)


def _install(voice: Voice, tshark: str | None) -> None:
    texts = {PLUGIN: shipped(PLUGIN), EXTCAP: program()}
    folders = _folders(tshark)
    for name, text in texts.items():
        path = folders.get(_FOLDERS[name], Path.home() / _USUAL[name]) / name
        _put(path, text, executable=name == EXTCAP)
        click.echo(path)
        if name == EXTCAP and folders and _FOLDERS[name] not in folders:
            voice.note(
                "this Wireshark looks for programs like the last one in one folder only: "
                f"{folders.get('Extcap path', 'its own')}"
            )
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        voice.note("Wireshark may load no plugins for root: install it as the user who runs Wireshark")


def shipped(name: str) -> str:
    """Return a file that ships with wirestat: the plugin, or the colouring rules."""
    return (files("wirestat") / "plugins" / name).read_text(encoding="utf-8")


def program() -> str:
    """Return the extcap program, which runs ``wirestat extcap``."""
    return f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m wirestat extcap "$@"\n'


def _folders(tshark: str | None) -> dict[str, Path]:
    """Return tshark's folders by tshark's names for them; empty without a tshark."""
    from wirestat.capture.programs import find, given

    program = given(tshark) if tshark else find("tshark")
    if program is None:
        return {}
    try:
        told = subprocess.run(
            [program, "-G", "folders"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    parts = (line.partition(":") for line in told.stdout.splitlines())
    return {name: Path(folder.strip()) for name, _, folder in parts if folder.strip()}


def _put(path: Path, text: str, *, executable: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if executable else 0o644)
    except PermissionError:
        raise PermissionDenied(str(path)) from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
