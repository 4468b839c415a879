"""`bridge topics migrate`: change the partition count or the key rules of a deployment that has data."""

from typing import Annotated

import typer

from bridge.printable import say
from bridge.settings import load_settings
from commands.terminal.examples import examples
from commands.terminal.output import InertConsole, confirm, messages
from commands.terminal.running import run
from commands.terminal.tables import table
from commands.topics.migration.plan import MigrationPlan, make_plan
from commands.topics.rules_view import told_changed
from commands.topics.steps import told_steps


@examples("BRIDGE_PARTITIONS=16 bridge topics migrate", "bridge topics migrate --yes")
def migrate(yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False) -> None:
    """Move the deployment to the settings' partition count and key rules, with ingress and workers stopped.

    It reads raw again under the new rules and rebuilds the tables: no old event passes again, no order is split. If it
    is killed, run it again: it goes on.
    """
    settings = load_settings()
    plan = run(settings, make_plan(settings))
    if plan is None:
        say("Nothing to do: these are the rules in force.")
        return
    _show(plan, messages())
    confirm("bridge topics migrate", yes=yes)
    from commands.topics.migration.migrate import migrate as move  # imports the worker's modules

    with told_steps() as steps:
        run(settings, move(settings, plan, steps))
    say("Done: start ingress and workers with these settings.")


def _show(plan: MigrationPlan, where: InertConsole) -> None:
    before, after = plan.recorded.rules, plan.after
    rows = table("what", "now", "then")
    rows.add_row("partitions", str(before.partitions), str(after.partitions))
    rows.add_row("canonicalisation", before.canonicalisation, after.canonicalisation)
    rows.add_row("key rules", before.fingerprint, after.fingerprint)
    where.print(rows)
    for sentence in told_changed(before, after):
        where.print(sentence)
    if plan.resumes:
        where.print(f"A migration to {plan.recorded.migrating} was begun and not ended.")
    where.print(f"About {plan.raw_records:,} raw records are read again. Meanwhile the ingress answers 500.")
