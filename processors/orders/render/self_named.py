"""Refunds that name themselves: a store credit that is issued for a return may have the end of its own id in place of
the return's, as published payment accounts have it. Which return that is, the amounts tell."""

from collections.abc import Iterator, Mapping
from typing import Any

from processors.orders.render.payments import Payment
from processors.orders.render.slack import in_least_units
from processors.orders.said import Transaction
from schemas.money import NOTHING, plain

_Owed = tuple[str, str]
"""An amount in least units, and its currency. As text: whoever writes amounts can choose numbers of one hash, of which
thousands would be compared with each other."""


def attributed(payments: Mapping[str, Payment], owing: Mapping[str, Any], assumed: str | None) -> Mapping[str, Payment]:
    """Return payments with such refunds under the ids of the returns and refund requests (documents by id) of which
    as much is outstanding, but for noise: only if there are as many of these, else nobody knows which. `assumed`: the
    currency of what names none."""
    refunds, promises = dict[_Owed, list[str]](), dict[_Owed, list[str]]()
    for key, amount, said in _self_named(payments, owing):
        refunds.setdefault(_owed(amount, said.currency or assumed), []).append(key)
    if not refunds:
        return payments
    for promise_id, promise in owing.items():
        if promise.refund_outstanding is not None:
            owed = _owed(promise.refund_outstanding, promise.currency or assumed)
            promises.setdefault(owed, []).append(promise_id)
    found = dict(payments)
    for owed, keys in refunds.items():
        if owed[0] != NOTHING and len(promised := promises.get(owed, [])) == len(keys):
            for key, promise_id in zip(keys, promised, strict=True):
                found[key] = payments[key]._replace(said=payments[key].said._replace(correlation_id=promise_id))
    return found


def _owed(amount: str, currency: str | None) -> _Owed:
    return plain(in_least_units(amount, currency or "")), currency or ""


def _self_named(payments: Mapping[str, Payment], owing: Mapping[str, Any]) -> Iterator[tuple[str, str, Transaction]]:
    """Such refunds, with their amounts."""
    for key, (action, said, *_) in payments.items():
        is_unmatched = action == "refunded" and said.correlation_id not in owing
        if is_unmatched and said.amount is not None and names_itself(said):
            yield key, said.amount, said


def names_itself(said: Transaction) -> bool:
    """Say whether a refund names nothing but itself: such is a store credit's."""
    name = said.correlation_id
    return name is not None and (name in {said.id, said.instrument_id} or (said.id or "").endswith(f"-{name}"))
