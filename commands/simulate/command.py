"""`bridge simulate`: send a made-up NewStore event stream over HTTP."""

import asyncio
import math
import random
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from bridge.printable import printable, say
from bridge.refusals import NobodyAnswers
from bridge.settings import load_settings
from commands.simulate import view as simulate_view
from commands.simulate.deliveries import deliveries, expected_deliveries
from commands.simulate.event import Delivery
from commands.simulate.mix import Mix
from commands.simulate.run import SendingResult
from commands.simulate.sender import Sending, send
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, duration, fail, moment, print_json
from commands.terminal.progress import progress
from commands.terminal.services import webhook_url
from commands.wrong_use import WrongValueError

_ORDERS = 100
_MOST_ORDERS: Final = 10**9
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2999
"""Imports date back before the start of a simulation, and orders go on after it: both must be valid dates."""

# typer parses defaults, too, so they are text as a person writes it; hence the ignored types.
Share = Annotated[float, typer.Option(min=0, max=0.9, help="Share of all deliveries.")]


def run(sent: Iterable[Delivery], how: Sending, about: int | None) -> SendingResult:
    """Send everything; Ctrl-C ends it early. `about`: expected number of deliveries, None: unknown.

    Exits 2 if nobody can receive anything.
    """
    result = SendingResult()
    of_all = "" if about is None else f" of about {about:,}"
    with progress("Sending") as status:
        try:
            asyncio.run(send(sent, how, result, lambda: status.update(f"Sending: {_settled(result):,}{of_all}")))
        except NobodyAnswers as nobody:
            fail(str(nobody))
        except KeyboardInterrupt:
            say("Stopped: what was under way is undelivered, and what it had to become is no longer known.")
    return result


def _start(text: str) -> datetime:
    begins = moment(text)
    if not _FIRST_YEAR <= begins.year <= _LAST_YEAR:
        raise WrongValueError(f"{printable(text)} is not between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return begins


def _settled(result: SendingResult) -> int:
    return result.accepted + result.rejected + result.given_up


@examples(
    "bridge simulate --orders 300 --duplicates 0.25",
    "bridge simulate --duration 1h --rate 50",
    "bridge simulate --orders 10 --seed 7 -o json",
)
def simulate(
    orders: Annotated[
        int | None, typer.Option(min=1, max=_MOST_ORDERS, help=f"Default: {_ORDERS}; with --duration, without end.")
    ] = None,
    lasting: Annotated[
        float | None, duration("Publish no more after so long; what is under way still comes.", "--duration")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same one sends the same bytes. Default: random.")] = None,
    duplicates: Share = 0.1,
    conflicts: Share = 0.0,
    malformed: Share = 0.0,
    disorder: Annotated[float, typer.Option(min=0, max=1, help="Share of deliveries that come late.")] = 0.05,
    disorder_window: Annotated[float, duration("So late at most, in simulated time.")] = "15min",  # type: ignore[assignment]
    replay: Annotated[
        float | None, duration("Every second window of this length is delivered again, one window later.")
    ] = None,
    start: Annotated[
        datetime, typer.Option(parser=_start, metavar="TIME", help="When the first order came in, RFC 3339.")
    ] = "2026-01-01T00:00:00Z",  # type: ignore[assignment]
    url: Annotated[str | None, typer.Option(help="Default: the webhook at BRIDGE_INGRESS_URL.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Deliveries a second. Default: no limit.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=10_000, help="Calls at the same time.")] = 16,
    backoff: Annotated[float, duration("First wait after a 500 or an interruption; it doubles.")] = "200ms",  # type: ignore[assignment]
    throttled_for: Annotated[float, duration("Wait after a 429.")] = "1min",  # type: ignore[assignment]
    answer_within: Annotated[float, duration("A slower answer interrupts the stream.")] = "15s",  # type: ignore[assignment]
    patience: Annotated[float, duration("A delivery is retried for so long.")] = "5min",  # type: ignore[assignment]
    output: FormatOption = Format.TABLE,
) -> None:
    """Send the events of a retailer's orders, stock, tills and people; say what NewStore would do about your answers.

    Exit 1 if any delivery was never accepted.
    """
    settings = load_settings()
    seed = random.SystemRandom().randrange(10**9) if seed is None else seed
    try:
        mix = Mix(
            orders=_ORDERS if orders is None and lasting is None else orders,
            duplicates=duplicates,
            conflicts=conflicts,
            malformed=malformed,
            disorder=disorder,
            disorder_window=timedelta(seconds=disorder_window),
            replay=None if replay is None else timedelta(seconds=replay),
        )
    except ValueError as error:
        fail(f"{error}.")
    sending = Sending(
        url=url or webhook_url(settings),
        api_key=settings.ingress_api_keys[0].get_secret_value() if settings.ingress_api_keys else None,
        concurrency=concurrency,
        rate=rate,
        backoff=backoff,
        throttled_for=throttled_for,
        answer_within=answer_within,
        patience=patience,
    )
    began = time.monotonic()
    end = math.inf if lasting is None else began + lasting
    sent = deliveries(seed, mix, settings.tenant, start, lambda: time.monotonic() < end)
    result = run(sent, sending, expected_deliveries(mix))
    report = {"seed": seed} | simulate_view.document(result, time.monotonic() - began)
    if output is Format.JSON:
        print_json(report)
    else:
        simulate_view.show(console(), report)
    if result.undelivered:
        raise typer.Exit(1)
