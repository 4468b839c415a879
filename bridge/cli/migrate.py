"""`bridge topics migrate`: another partition count or other key rules for a deployment that has data."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.confirmation import confirm
from bridge.cli.output import fail, messages
from bridge.cli.running import run
from bridge.printable import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from bridge.cli.inert_console import InertConsole
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
            say("Nothing to do: these are the rules in force.")
            return
        _show(plan, messages())
        confirm("bridge topics migrate", yes=yes)
        with _bars() as bars:
            run(settings, move(settings, bars))
    except MigrationRefused as refusal:
        fail(str(refusal))
    say("Done: start ingress and workers with these settings.")


def _show(plan: "Plan", where: "InertConsole") -> None:
    from rich.table import Table

    before, after = plan.recorded.rules, plan.after
    table = Table("what", "now", "then", box=None, header_style="bold", pad_edge=False)
    table.add_row("partitions", str(before.partitions), str(after.partitions))
    table.add_row("key rules", before.rules_version, after.rules_version)
    where.print(table)
    if plan.resumes:
        where.print(f"A migration to {plan.recorded.migrating} was begun and not ended.")
    where.print(f"About {plan.raw_records:,} raw records are read again. Meanwhile the ingress answers 500.")


class _Steps:
    """A bar for each step, the last one under way."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def begin(self, step: str, total: int | None = None) -> None:
        """The next step."""
        self._end()
        self._task = self._bars.add_task(step, total=total)

    def advance(self, records: int) -> None:
        """So many more records."""
        if self._task is not None:
            self._bars.advance(self._task, records)

    def _end(self) -> None:
        if self._task is not None:
            done = self._bars.tasks[self._task].completed
            self._bars.update(self._task, total=done or 1, completed=done or 1)


@contextmanager
def _bars() -> "Iterator[_Steps]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages()) as bars:
        yield _Steps(bars)
