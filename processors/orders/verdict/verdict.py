"""The verdict: one sentence that says how the order is, and whether that is all."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from processors.orders.verdict.awaited import first_due, late, waited_for
from processors.orders.verdict.pieces import fulfilment
from processors.orders.verdict.sums import KnownSums, has_sums
from processors.orders.verdict.text import counted, to_the_second, together, with_currency
from schemas.money import NOTHING
from schemas.order_state import OrderState

_NAMED: Final = 2
"""How many missing events the sentence names; all of them stand below it."""

_SUMS: Final = {
    "authorized": ("authorized",),
    "partially_captured": ("captured",),
    "captured": ("captured",),
    "partially_refunded": ("captured", "refunded"),
    "refunded": ("captured", "refunded"),
    "voided": ("voided",),
}
"""By payment status, the sums it is about; it says the last of them."""

RETURNED: Final = {"partial": "partly returned", "full": "all returned", "unknown": "returns unknown"}
"""Words for return statuses; nothing is said of `none`."""


def verdict(state: OrderState) -> str:
    """Return the sentence."""
    return together([_opening(state), *_course(state), *_ending(state)])


def _opening(state: OrderState) -> str:
    if state.incomplete and state.missing:
        too_late = late(state)
        others = [name for name in waited_for(state) if name not in too_late]
        said = [f"{_some(too_late)} did not arrive in time"] if too_late else []
        said += [_not_arrived(others)] if others else []
        return f"Incomplete: {', '.join(said)}"
    if state.missing:
        due = first_due(state)
        until = "" if due is None else f" (due {to_the_second(due)} UTC)"
        return f"Provisional: {_not_arrived(state.missing)}{until}"
    if state.provisional:
        return f"Provisional: {_unprocessed(state)}" if state.unprocessed else "Provisional"
    return _status(state).capitalize()


def _not_arrived(names: Sequence[str]) -> str:
    return f"{_some(names)} {'has' if len(names) == 1 else 'have'} not arrived"


def _course(state: OrderState) -> Iterator[str | None]:
    if state.missing or state.provisional:
        yield f"so far {_status(state)}"
    if has_sums(state):
        yield fulfilment(state)
        yield _payment(state)
    else:
        yield "fulfilment and payment unknown"
    yield RETURNED.get(state.return_status)


def _ending(state: OrderState) -> Iterator[str]:
    if state.partial_history:
        yield "its history is known in part"
    elif not state.missing and not state.unprocessed:
        yield "nothing missing"
    if state.unprocessed and state.missing:
        yield _unprocessed(state)
    if state.contradictions:
        yield counted(len(state.contradictions), "contradiction")
    if state.attention:
        yield f"{len(state.attention):,} to look at"
    if state.stalled:
        yield f"waiting for {_some(state.stalled)}"
    if state.suspected:
        yield f"{counted(len(state.suspected), 'event')} suspected"


def _status(state: OrderState) -> str:
    return "status unknown" if state.status == "unknown" else state.status.replace("_", " ")


def _payment(state: OrderState) -> str:
    if state.payment_status == "none":
        is_settled = state.order.is_exchange and state.status != "cancelled"
        return "settled by exchange" if is_settled else "no payment seen"
    names = _SUMS.get(state.payment_status)
    if names is None:
        return f"payment {state.payment_status.replace('_', ' ')}"
    *before, last = names
    sums = KnownSums(state)
    amounts = [(name, _sum(state, sums, name)) for name in before]
    amounts.append((state.payment_status.replace("_", " "), _last_sum(state, sums, last)))
    if last != "refunded":  # in another currency than the status is about
        amounts.append(("refunded", _sum(state, sums, "refunded")))
    if last == "captured" and state.status == "cancelled":  # a void may have given back what was charged at once
        amounts.append(("voided", _sum(state, sums, "voided")))
    return ", ".join(f"{word} {amount}" for word, amount in amounts if amount)


def _last_sum(state: OrderState, sums: KnownSums, name: str) -> str:
    """Return the sum that the status is about; that of a free order is nothing, and known."""
    return _sum(state, sums, name) or _sum(state, sums, name, without=()) or "unknown"


def _sum(state: OrderState, sums: KnownSums, name: str, without: Collection[str] = (NOTHING,)) -> str:
    """Return a sum in each currency that has it: none is chosen here."""
    amounts = ((currency, sums.of(currency, name)) for currency in state.payment_sums)
    return " and ".join(with_currency(amount, currency) for currency, amount in amounts if amount not in without)


def _unprocessed(state: OrderState) -> str:
    return f"{counted(len(state.unprocessed), 'event')} could not be used"


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    if len(names) <= _NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"
