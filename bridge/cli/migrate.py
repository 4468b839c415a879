"""`bridge topics migrate`: another partition count or other key rules for a deployment that has data."""

from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.confirmation import confirm
from bridge.cli.output import fail, messages
from bridge.cli.running import run
from bridge.cli.steps import step_bars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from bridge.rules import Rules
    from processors.migration.plan import Plan


def migrate(yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False) -> None:
    """Move the deployment to the partition count and the key rules of the settings, with ingress and workers stopped.

    Raw is read again under the new rules and the tables are rebuilt: no old event passes again, no order is split.
    Killed at any moment, it goes on when it is run again.
    """
    from bridge.settings import load_settings
    from processors.migration.migrate import migrate as move
    from processors.migration.plan import make_plan
    from processors.migration.refused import MigrationRefused

    settings = load_settings()
    try:
        plan = run(settings, make_plan(settings))
        if plan is None:
            typer.echo("Nothing to do: these are the rules in force.", err=True)
            return
        _show(plan, messages())
        confirm("bridge topics migrate", yes=yes)
        with step_bars() as bars:
            run(settings, move(settings, bars))
    except MigrationRefused as refusal:
        fail(str(refusal))
    typer.echo("Done: start ingress and workers with these settings.", err=True)


def _show(plan: "Plan", where: "Console") -> None:
    from rich.table import Table

    table = Table("what", "now", "then", box=None, header_style="bold", pad_edge=False)
    for row in _rows(plan.recorded.rules, plan.after):
        table.add_row(*row)
    where.print(table)
    if plan.resumes:
        where.print(f"A migration to {plan.recorded.migrating} was begun and not ended.")
    where.print(f"About {plan.raw_records:,} raw records are read again. Meanwhile the ingress answers 500.")


def _rows(before: "Rules", after: "Rules") -> "Iterator[tuple[str, str, str]]":
    from bridge.key_rule_changes import changes
    from schemas.key_rule import CONTENT_KEY

    yield "partitions", str(before.partitions), str(after.partitions)
    if before.canonicalisation != after.canonicalisation:
        yield "canonicalisation", before.canonicalisation, after.canonicalisation
    if before.keys is None or after.keys is None:
        yield "key rules", before.fingerprint, after.fingerprint
        return
    for change in changes(before.keys, after.keys):
        yield f"key rule of {change.name}", str(change.before or CONTENT_KEY), str(change.after or CONTENT_KEY)
