"""``wirestat explain``: the manual page of a diagnosis."""

import click

from wirestat.commands import terminal
from wirestat.commands.completing import complete_diagnoses
from wirestat.commands.options import voice_options


@click.command("explain")
@click.argument("diagnosis", required=False, shell_complete=complete_diagnoses)
@voice_options
def command(diagnosis: str | None) -> None:
    """Explain a DIAGNOSIS: what it means, why it matters, what else it might be, what to do.

    A diagnosis is named by its id (D05, d5) or by its name (final-ack-ignored). Without one, all are listed.
    """
    from wirestat.diagnosis.manual import catalogue, explain
    from wirestat.report.layout import paragraph

    if diagnosis is None:
        for rule in catalogue():
            click.echo(f"{rule.id}  {rule.name:<26} {rule.severity:<8} {rule.title}")
    else:
        heading, *paragraphs = explain(diagnosis).split("\n\n")
        click.echo(heading)
        for text in paragraphs:
            click.echo()
            for line in paragraph(text, "", terminal.width()):
                click.echo(line)
