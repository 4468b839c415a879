"""An order's money as waterfalls: for each currency, from what the order costs to what is left, and by payment method.

Amounts are the document's exact ones. Only bars, which are a drawing, use floats.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from processors.orders.verdict.sums import KnownSums
from processors.orders.verdict.text import column
from schemas.money import NOTHING
from schemas.order_state import OrderState

BAR: Final = 300.0
"""Pixels of the longest bar."""
ACTIONS: Final = ("authorized", "captured", "voided", "refunded")
MOST_METHODS: Final = 20
_NET, _LEFT = "net (captured - refunded)", "balance without cancelled items"


class Bar(NamedTuple):
    """A row of the waterfall. `amount` is a text, `-` where not known: then there is no bar. `start` and `length` are
    pixels."""

    name: str
    kind: str
    amount: str
    start: float
    length: float


class Waterfall(NamedTuple):
    """One currency. `methods` are rows of the four sums, by method; `beside` are names and amounts without bars."""

    currency: str
    bars: Sequence[Bar]
    beside: Sequence[tuple[str, str]]
    methods: Sequence[tuple[str, Sequence[str]]]
    more_methods: int


class _Step(NamedTuple):
    name: str
    kind: str
    amount: str | None
    ends_at: str | None
    """The amount where the bar ends at the right; None: the bar starts at 0."""


def waterfalls(state: OrderState) -> Iterator[Waterfall]:
    """Yield a waterfall for each currency, the order's own first."""
    own = state.order.currency or ""
    currencies = sorted(state.payment_sums, key=lambda currency: currency != own)
    if own not in state.payment_sums and state.order.grand_total is not None:
        currencies.insert(0, own)
    known = KnownSums(state)
    for currency in currencies:
        yield _waterfall(state, known, currency, is_own=currency == own)


def _waterfall(state: OrderState, known: KnownSums, currency: str, *, is_own: bool) -> Waterfall:
    steps = [_Step("grand total", "cost", state.order.grand_total, None)] if is_own else []
    if is_own and state.order.current_total not in {None, state.order.grand_total}:
        steps.append(_Step("without cancelled items", "cost", state.order.current_total, None))
    if currency not in state.payment_sums:
        return Waterfall(currency, _bars(steps), [], [], 0)
    said, more = {action: known.of(currency, action) for action in ACTIONS}, known.derived(currency)
    steps += [
        _Step("authorized", "authorized", said["authorized"], None),
        _Step("captured", "captured", said["captured"], None),
        _Step("refunded", "refunded", said["refunded"], said["captured"]),
        _Step("net", "net", more[_NET], None),
    ]
    beside = {"voided": said["voided"], **{name: amount for name, amount in more.items() if name != _NET}}
    shown = {name: amount for name, amount in beside.items() if amount != NOTHING or name == _LEFT}
    methods = list(state.payment_sums[currency].by_method)
    return Waterfall(
        currency,
        _bars(steps),
        list(zip(shown, column(shown.values()), strict=True)),
        _methods(known, currency, methods[:MOST_METHODS]),
        max(0, len(methods) - MOST_METHODS),
    )


def _bars(steps: Sequence[_Step]) -> list[Bar]:
    sizes = [abs(_drawn(step.amount)) for step in steps]
    largest = max(sizes, default=0.0) or 1.0
    bars = []
    for step, size, amount in zip(steps, sizes, column(step.amount for step in steps), strict=True):
        length = BAR * size / largest
        end = BAR * abs(_drawn(step.ends_at)) / largest
        bars.append(Bar(step.name, step.kind, amount, max(0.0, end - length), length))
    return bars


def _drawn(amount: str | None) -> float:
    """Return an amount as a float, near enough for a drawing; amounts may have 60 digits."""
    return 0.0 if amount is None else float(Decimal(amount))


def _methods(known: KnownSums, currency: str, methods: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    columns = [column(known.of_method(currency, method, action) for method in methods) for action in ACTIONS]
    return [(method, amounts) for method, *amounts in zip(methods, *columns, strict=True)]
