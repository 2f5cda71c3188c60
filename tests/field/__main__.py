"""Writes every story that is kept to ``pcaps/field``: captures, page, expectations."""

import json

from tests.field import stories as stories
from tests.field.matrix import FOLDER
from tests.field.story import STORIES, Ends, Never, Says, Story
from tests.packets.files import pcap


def files(story: Story) -> dict[str, bytes]:
    """Return the files of a story by name."""
    made = {f"{name}.pcap": pcap(wire.in_order()) for name, wire in story.captures().items()}
    made["README.md"] = _page(story).encode()
    made["expect.json"] = (json.dumps(story.expectations(), indent=1) + "\n").encode()
    return made


def _page(story: Story) -> str:
    lines = [f"# {story.name}", "", story.page, "", "## What is expected", ""]
    for one in story.expected:
        if isinstance(one, Says):
            words = ", ".join(f"“{word}”" for word in one.words)
            lines.append(f"- said: {one.id}" + (f", with {words}" if words else ""))
        elif isinstance(one, Never):
            sure = " with certainty" if one.confidence == "certain" else ""
            grave = f" as {one.severity}" if one.severity != "info" else ""
            lines.append(
                f"- not said: {one.id}{grave}{sure}" + (f", {', '.join(one.words)}" if one.words else "")
            )
        elif isinstance(one, Ends):
            client, server = one.states
            lines.append(f"- at the end: {one.client} #{one.incarnation} {client}, its server {server}")
    lines += [
        "",
        "Made by `python -m tests.field`, where the story is told as a function; addresses are ours.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write them all, and nothing else."""
    for story in filter(lambda one: one.is_kept, STORIES.values()):
        folder = FOLDER / story.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files(story).items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
