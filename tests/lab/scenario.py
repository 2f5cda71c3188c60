"""Scenarios: declared with one decorator, told as one function."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from .lab import Lab, Setting

Story = Callable[[Lab], None]


@dataclass(frozen=True)
class Scenario:
    """A story and what must come of it.

    ``client`` and ``server`` are the states that each end goes through after its first, separated by spaces; where the
    scenario has several connections, " / " separates them. Empty means: no transition. None means: the story itself checks.
    ``diagnoses`` are the findings of the catalogue that this truth deserves.
    """

    name: str
    description: str
    story: Story
    client: str | None
    server: str | None
    diagnoses: tuple[str, ...]
    setting: Setting

    @property
    def module(self) -> str:
        return self.story.__module__.rpartition(".")[2]


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

    def register(story: Story) -> Story:
        if name in REGISTRY:
            raise ValueError(f"two scenarios are called {name}")
        REGISTRY[name] = Scenario(name, description, story, client, server, diagnoses, setting or Setting())
        return story

    return register


def load_all() -> dict[str, Scenario]:
    """Import every file under scenarios/; return all scenarios by name, in the order in which they are told."""
    from . import scenarios

    for module in sorted(pkgutil.iter_modules(scenarios.__path__), key=lambda each: each.name):
        importlib.import_module(f"{scenarios.__name__}.{module.name}")
    return REGISTRY


def unexpected(expected: str | None, paths: list[list[str]], endpoint: str) -> list[str]:
    """Compare the states that one end went through, connection by connection, with what the scenario promised."""
    if expected is None:
        return []
    wanted = [part.split() for part in expected.split("/")]
    return [] if wanted == paths else [f"{endpoint}: promised {wanted}, was {paths}"]
