"""``wirestat explain``: the manual page of a diagnosis."""

import click

from wirestat.diagnosis import catalogue, find
from wirestat.diagnosis.manual import explain as manual_page
from wirestat.errors import UsageError


@click.command()
@click.argument("diagnosis", required=False)
def explain(diagnosis: str | None) -> None:
    """Explain a DIAGNOSIS: what it means, why it matters, what else it might be, what to do.

    A diagnosis is named by its id (D05, d5) or by its name (final-ack-ignored). Without one, all are listed.
    """
    if diagnosis is None:
        for rule in catalogue():
            click.echo(f"{rule.id}  {rule.name:<26} {rule.severity:<8} {rule.title}")
        return
    try:
        click.echo(manual_page(find(diagnosis).id), nl=False)
    except UsageError as error:
        raise click.UsageError(f"{error}; {error.hint}") from error
