"""Shell completions for values of options and arguments."""

import click
from click.shell_completion import CompletionItem


def complete_files(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell offer files."""
    return [CompletionItem(incomplete, type="file")]


def complete_diagnoses(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the ids of diagnoses, and the names once a letter of one is typed."""
    from wirestat.diagnosis.manual import catalogue

    typed = incomplete.lower()
    rules = [(rule, name) for rule in catalogue() for name in (rule.id, rule.name)]
    return [
        CompletionItem(name, help=rule.title)
        for rule, name in rules
        if name.lower().startswith(typed) and (typed or name == rule.id)
    ]


def complete_interfaces(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the interfaces of this machine."""
    from wirestat.capture import interfaces

    names = {card.name: ", ".join(card.addresses) for card in interfaces.cards()}
    names[interfaces.ANY] = "all of them"
    return [CompletionItem(name, help=about) for name, about in names.items() if name.startswith(incomplete)]
