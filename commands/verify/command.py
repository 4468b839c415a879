"""`bridge verify`: the ledger, made from the topics alone."""

from typing import Annotated

import typer

from bridge.settings import Settings, load_settings
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, duration, print_json
from commands.terminal.progress import counted_progress
from commands.terminal.running import require_topics, run
from commands.terminal.typed import now_ms, time_of
from commands.verify import view as ledger_view
from commands.verify.audit import verify as balance
from commands.verify.balance import Ledger


@examples("bridge verify", "bridge verify --since 2d", "bridge verify --wait 5min -o json")
def verify(
    wait: Annotated[float, duration("How long the worker may still take.")] = "60s",  # type: ignore[assignment]  # typer hands defaults to the parser, too
    since: Annotated[float | None, duration("Only what was received in this time up to now.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Recompute what had to become of each raw record, compare it with the topics, and print a ledger.

    Exit 1 if it does not balance.
    """
    settings = load_settings()
    ledger = run(settings, _verify(settings, wait, time_of(since)))
    if output is Format.JSON:
        print_json(ledger_view.document(ledger))
    else:
        ledger_view.show(console(), ledger)
    if not ledger.balanced:
        raise typer.Exit(1)


async def _verify(settings: Settings, wait_s: float, since_ms: int | None) -> Ledger:
    await require_topics(settings)
    with counted_progress("Reading", before="Waiting for the worker") as on_read:
        return await balance(settings, wait_s, now_ms(), on_read, since_ms)
