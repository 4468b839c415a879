"""`bridge verify`: the ledger, from the topics alone."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.output import Format, FormatOption, console, messages, print_json
from bridge.cli.quantities import duration
from bridge.cli.require_topics import require_topics
from bridge.cli.running import run

if TYPE_CHECKING:
    from bridge.ledger.balance import Ledger
    from bridge.settings import Settings


def verify(
    wait: Annotated[float, duration("How long the worker may still take.")] = "60s",  # type: ignore[assignment]  # typer hands defaults to the parser, too
    output: FormatOption = Format.TABLE,
) -> None:
    """Recompute what had to become of each raw record, compare it with the topics, and print a ledger.

    Exit 1 if it does not balance.
    """
    from bridge.cli import ledger_view
    from bridge.settings import load_settings

    settings = load_settings()
    ledger = run(settings, _verify(settings, wait))
    if output is Format.JSON:
        print_json(ledger_view.document(ledger))
    else:
        ledger_view.show(console(), ledger)
    if not ledger.balanced:
        raise typer.Exit(1)


async def _verify(settings: "Settings", wait_s: float) -> "Ledger":
    from bridge.ledger.verify import verify as balance

    await require_topics(settings)
    read = 0

    def on_read(records: int) -> None:
        nonlocal read
        read += records
        status.update(f"Reading: {read:,} records")

    with messages().status("Waiting for the worker") as status:
        return await balance(settings, wait_s, int(time.time() * 1000), on_read)
