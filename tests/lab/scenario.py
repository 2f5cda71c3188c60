"""Scenarios: declared with one decorator, told as one function."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .lab import Lab, Setting, addresses

Story = Callable[[Lab], None]


@dataclass(frozen=True)
class Scenario:
    """A story and what must come of it.

    ``client`` and ``server`` are the states that each end goes through after its first, separated by
    spaces; where the scenario has several connections, " / " separates them. Empty means: no transition.
    None means: the story itself checks. ``diagnoses`` are the findings of the catalogue that this truth
    deserves.
    """

    name: str
    description: str
    story: Story
    client: str | None
    server: str | None
    diagnoses: tuple[str, ...]
    setting: Setting

    module: str
    """The file under scenarios/ that tells it."""


REGISTRY: dict[str, Scenario] = {}


def scenario(
    name: str,
    description: str,
    *,
    client: str | None = None,
    server: str | None = None,
    diagnoses: tuple[str, ...] = (),
    setting: Setting | None = None,
) -> Callable[[Story], Story]:
    """Register the function below as the story of this name."""

    module = sys._getframe(1).f_globals["__name__"].rpartition(".")[2]

    def register(story: Story) -> Story:
        if name in REGISTRY:
            raise ValueError(f"two scenarios are called {name}")
        twin = next((other for other in REGISTRY if addresses(other) == addresses(name)), None)
        if twin is not None:
            raise ValueError(f"{name} and {twin} would share a network: choose another name for one")
        REGISTRY[name] = Scenario(
            name, description, story, client, server, diagnoses, setting or Setting(), module
        )
        return story

    return register


def load_all() -> dict[str, Scenario]:
    """Import every file under scenarios/; return all scenarios by name, in the order in which they are
    told."""
    from . import scenarios

    for module in sorted(pkgutil.iter_modules(scenarios.__path__), key=lambda each: each.name):
        importlib.import_module(f"{scenarios.__name__}.{module.name}")
    return REGISTRY


def unexpected(expected: str | None, paths: list[list[str]], endpoint: str) -> list[str]:
    """Compare the states that one end went through, connection by connection, with what the scenario
    promised."""
    if expected is None:
        return []
    wanted = [part.split() for part in expected.split("/")]
    return [] if wanted == paths else [f"{endpoint}: promised {wanted}, was {paths}"]
