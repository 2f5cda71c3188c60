"""The manual pages: each diagnosis explained by the docstring of its rule."""

from wirestat.diagnosis import roster
from wirestat.diagnosis.registry import Rule
from wirestat.errors import UsageError


def catalogue() -> tuple[Rule, ...]:
    """Return every diagnosis in the order of ids."""
    return tuple(roster.every().values())


def find(wanted: str) -> Rule:
    """Return the diagnosis of this id or name: ``D05``, ``d5``, ``5``, ``final-ack-ignored``.

    Raises:
        UsageError: there is none.
    """
    typed = wanted.strip().lower().replace("_", "-").replace(" ", "-")
    number = typed.removeprefix("d")
    id = f"D{int(number):02}" if number.isascii() and number.isdigit() else None
    rules = roster.every()
    names = {rule.name: rule for rule in rules.values()}
    found = rules.get(id) if id else names.get(typed)
    if found is None:
        alike = [f"{rule.name} ({rule.id})" for name, rule in names.items() if typed and typed in name]
        hint = f"there is {', '.join(alike)}" if alike else "'wirestat explain' lists them all"
        raise UsageError(f"no diagnosis is called {wanted!r}", hint=hint)
    return found


def explain(id: str) -> str:
    """Return the manual page of a diagnosis as plain text."""
    rule = find(id)
    heading = f"{rule.id}  {rule.title}  ({rule.name}, {rule.severity})"
    return f"{heading}\n\n{rule.page.replace('``', '`')}\n"
