"""`make demo`: sends events through the whole bridge, and proves that none was lost or doubled."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

from rich.table import Table

from bridge.settings import Settings
from commands.order.view.money import money
from commands.order.view.page import show_verdict
from commands.order.view.timeline import timeline
from commands.simulate.deliveries import deliveries
from commands.simulate.event import Delivery
from commands.simulate.mix import Mix
from commands.simulate.run import SendingResult
from commands.terminal.output import InertConsole
from commands.terminal.tables import pairs
from commands.terminal.worker import answered, ask
from commands.verify import view as ledger_view
from commands.verify.audit import verify
from commands.verify.balance import Ledger
from deploy.local.order_states import State, cancelled_before_created, order_states, sums
from deploy.local.progress import send_with_progress
from deploy.local.stack import Stack
from schemas.order_state import OrderState
from schemas.outcome import Outcome as Became

SAMPLES: Final = Path(__file__).parents[2] / "tests" / "data" / "samples"
SEED: Final = 2026
MIX: Final = Mix(
    orders=300, duplicates=0.25, conflicts=0.01, malformed=0.02, disorder=1.0, disorder_window=timedelta(hours=2)
)
FIRST_ORDER: Final = datetime(2026, 1, 1, tzinfo=UTC)

_WAIT_S: Final = 60.0


def demo(console: InertConsole, _stack: Stack, settings: Settings) -> int:
    """Send deliveries, wait, recount. Exit code: 0 all is as it must be, 1 `_problems` found something."""
    sent = _deliveries(settings.tenant)
    outcome = asyncio.run(send_with_progress(console, settings, sent))
    with console.status("Recomputing the ledger from the topics"):
        ledger = asyncio.run(verify(settings, _WAIT_S, int(time.time() * 1000), lambda _: None))
        states = asyncio.run(order_states(settings))
    order_id = cancelled_before_created(states)
    console.print()
    console.print(_summary(outcome, ledger, states))
    if order_id is not None:
        _show_order(console, settings, order_id)
    console.print()
    ledger_view.show(console, ledger)
    problems = list(_problems(sent, outcome, ledger, order_id))
    for problem in problems:
        console.print(problem, style="red")
    return 1 if problems else 0


def _deliveries(tenant: str) -> list[Delivery]:
    """Return the simulated deliveries, with the sample events at random places among them."""
    sent = list(deliveries(SEED, MIX, tenant, FIRST_ORDER))
    rng = Random(SEED)  # noqa: S311 - a demonstration
    for sample in sorted(SAMPLES.glob("*.json")):
        sent.insert(rng.randrange(len(sent)), Delivery(Became.UNIQUE, sample.read_bytes()))
    return sent


def _summary(outcome: SendingResult, ledger: Ledger, states: Sequence[State]) -> Table:
    rows = pairs(title="Summary", numbers=True)
    rows.add_row("deliveries", f"{outcome.deliveries:,}")
    rows.add_row("accepted", f"{outcome.accepted:,}")
    for became in Became:
        rows.add_row(became, f"{_became(ledger)[became]:,}")
    rows.add_row("orders", f"{len(states):,}")
    for status, count in Counter(state["status"] for state in states).most_common():
        rows.add_row(f"  {status}", f"{count:,}")
    for name in ("captured", "refunded"):
        for currency, amount in sorted(sums(states, name).items()):
            rows.add_row(f"{name} {currency or 'without a currency'}", f"{amount:,f}")
    return rows


def _show_order(console: InertConsole, settings: Settings, order_id: str) -> None:
    reply = answered(ask(settings, f"/orders/{quote(order_id, safe='')}"))
    order = OrderState.model_validate(reply.document)
    console.print()
    console.print(f"Order {order_id}", style="bold", end="")
    console.print(", cancelled before it was created")
    show_verdict(console, order)
    for table in (*money(order), timeline(order, by_arrival=True), timeline(order, by_arrival=False)):
        console.print()
        console.print(table)


def _became(ledger: Ledger) -> Counter[str]:
    """Return the number of deliveries by outcome, including the ingress's quarantine."""
    return Counter(ledger.outcomes) + Counter({Became.QUARANTINED: ledger.quarantined_by_ingress.total()})


def _problems(sent: Sequence[Delivery], outcome: SendingResult, ledger: Ledger, order_id: str | None) -> Iterator[str]:
    if outcome.undelivered:
        yield f"{outcome.undelivered:,} deliveries were not accepted."
    if not ledger.balanced:
        yield "The ledger does not balance."
    expected = Counter(str(delivery.kind) for delivery in sent)
    # A delivery that is stored, but not answered in time, is sent again: a duplicate that was not meant.
    if not outcome.retries and _became(ledger) != expected:
        yield f"The deliveries had to become {dict(expected)}, not {dict(_became(ledger))}."
    if order_id is None:
        yield "No order's cancellation arrived before its creation, or none is known."
