"""`bridge simulate`: NewStore's event stream, made up and sent over HTTP."""

import asyncio
import random
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.output import Format, FormatOption, console, fail, messages, print_json
from bridge.cli.quantities import duration, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.settings import Settings
    from bridge.simulator.deliveries import Delivery
    from bridge.simulator.outcome import Outcome
    from bridge.simulator.sender import Sending

# typer hands defaults to the parser, too: they are the text that a person would write, hence the ignored types.
Share = Annotated[float, typer.Option(min=0, max=0.9, help="Share of all deliveries.")]


def simulate(
    orders: Annotated[int, typer.Option(min=1, help="Orders; each has about eleven events.")] = 100,
    seed: Annotated[int | None, typer.Option(help="The same one sends the same bytes. Default: random.")] = None,
    duplicates: Share = 0.1,
    conflicts: Share = 0.0,
    malformed: Share = 0.0,
    disorder: Annotated[float, typer.Option(min=0, max=1, help="0: as it happened, 1: shuffled.")] = 0.05,
    start: Annotated[
        datetime, typer.Option(parser=moment, metavar="TIME", help="When the first order came in, RFC 3339.")
    ] = "2026-01-01T00:00:00Z",  # type: ignore[assignment]
    url: Annotated[str | None, typer.Option(help="Default: the ingress on this machine.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Deliveries a second. Default: no limit.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Calls at the same time.")] = 16,
    backoff: Annotated[float, duration("First wait after a 500; it doubles.")] = "200ms",  # type: ignore[assignment]
    throttled_for: Annotated[float, duration("Wait after a 429; NewStore's is a minute.")] = "1s",  # type: ignore[assignment]
    answer_within: Annotated[float, duration("A slower answer interrupts the stream.")] = "15s",  # type: ignore[assignment]
    patience: Annotated[float, duration("A delivery is retried for so long.")] = "2min",  # type: ignore[assignment]
    output: FormatOption = Format.TABLE,
) -> None:
    """Send plausible orders, with duplicates, disorder and broken bodies, as NewStore would.

    Exit 1 if a delivery was not accepted in the end.
    """
    from bridge.settings import load_settings
    from bridge.simulator.deliveries import Mix, deliveries
    from bridge.simulator.sender import Sending

    settings = load_settings()
    seed = random.SystemRandom().randrange(10**9) if seed is None else seed
    try:
        mix = Mix(orders, duplicates, conflicts, malformed, disorder)
    except ValueError as error:
        fail(f"{error}.")
    sending = Sending(
        url=url or f"http://127.0.0.1:{settings.ingress_port}/webhooks/newstore",
        api_key=_first_key(settings),
        concurrency=concurrency,
        rate=rate,
        backoff=backoff,
        throttled_for=throttled_for,
        answer_within=answer_within,
        patience=patience,
    )
    sent = deliveries(seed, mix, settings.tenant, start)
    began = time.monotonic()
    outcome = _send(sent, sending)
    report = {"seed": seed} | document(sent, outcome, time.monotonic() - began)
    if output is Format.JSON:
        print_json(report)
    else:
        _show(report)
    if outcome.undelivered:
        raise typer.Exit(1)


def _first_key(settings: "Settings") -> str | None:
    return settings.ingress_api_keys[0].get_secret_value() if settings.ingress_api_keys else None


def _send(sent: "Sequence[Delivery]", sending: "Sending") -> "Outcome":
    from rich.progress import Progress

    from bridge.simulator.outcome import Outcome
    from bridge.simulator.sender import NobodyAnswersError, send

    outcome, where = Outcome(), messages()
    with Progress(console=where, disable=not where.is_terminal, transient=True) as progress:
        task = progress.add_task("Sending", total=len(sent))
        try:
            asyncio.run(send(sent, sending, outcome, lambda: progress.advance(task)))
        except NobodyAnswersError as nobody:
            fail(str(nobody))
    return outcome


def document(sent: "Sequence[Delivery]", outcome: "Outcome", took_s: float) -> dict[str, Any]:
    """The run as `-o json` prints it. `expected` holds for topics in which none of it was before."""
    from collections import Counter

    from schemas.outcome import Outcome as Became

    kinds = Counter(delivery.kind for delivery in sent)
    return {
        "deliveries": outcome.deliveries,
        "expected": {became.value: kinds[became] for became in Became},
        "accepted": outcome.accepted,
        "answers": dict(sorted(outcome.answers.items())),
        "retries": outcome.retries,
        "interruptions": outcome.interruptions,
        "rejected": outcome.rejected,
        "rejected_overflowed": outcome.overflowed,
        "given_up": outcome.given_up,
        "undelivered": outcome.undelivered,
        "seconds": round(took_s, 3),
        "per_second": round(outcome.deliveries / took_s, 1),
    }


def _show(report: dict[str, Any]) -> None:
    from rich.table import Table

    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_column()
    rows.add_column(justify="right")
    for name, value in report.items():
        if isinstance(value, dict):
            for part, count in value.items():
                rows.add_row(f"{name.replace('_', ' ')} {part}", str(count))
        else:
            rows.add_row(name.replace("_", " "), str(value))
    console().print(rows)
