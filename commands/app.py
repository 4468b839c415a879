"""All commands under one name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from bridge.printable import inert
from commands import services
from commands.backfill import command as backfill
from commands.evidence import conflicts_command as conflicts
from commands.evidence import quarantine_command as quarantine
from commands.order import command as order
from commands.schema import commands as schema
from commands.simulate import command as simulate
from commands.topics import command as topics
from commands.verify import command as verify


class _Commands(TyperGroup):
    """Wrong use is told in sentences that quote the arguments, and those may be copied from data."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Reads what stands before the command."""
        with _inert_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Finds the command, reads what stands behind it, and runs it."""
        with _inert_errors():
            return super().invoke(ctx)


@contextmanager
def _inert_errors() -> Iterator[None]:
    try:
        yield
    except TyperException as error:
        error.message = inert(error.message)
        raise


app = typer.Typer(
    name="bridge",
    cls=_Commands,
    help="NewStore webhooks in, exactly-once Kafka topics and order state out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("ingress")(services.ingress)
app.command("worker")(services.worker)
app.add_typer(topics.app)
app.command("simulate")(simulate.simulate)
app.command("backfill")(backfill.backfill)
app.command("verify")(verify.verify)
app.command("order")(order.order)
app.add_typer(quarantine.app)
app.add_typer(conflicts.app)
app.add_typer(schema.app)
