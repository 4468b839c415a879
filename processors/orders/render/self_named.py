"""Refunds that name themselves. A store credit that is issued for a return may carry the end of its own id instead of
the return's id, as in published payment accounts. The amounts tell which return it is for."""

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import reduce
from typing import Any

from processors.orders.render.payments import Money, Payment
from processors.orders.render.slack import in_least_units
from processors.orders.render.voided import taken_back
from processors.orders.said import Transaction
from schemas.money import EXACT, NOTHING, ZERO, plain

_Owed = tuple[str, str]
"""An amount in minor units, and its currency. The amount is text: a sender could choose thousands of numbers with the
same hash, and each would be compared with the others."""


def attributed(
    payments: Mapping[str, Payment],
    owing: Mapping[str, Any],
    money: Money,
    issued: AbstractSet[str],
    assumed: str | None,
) -> Mapping[str, Payment]:
    """Return the payments, with each self-named refund under the id of what it is for: the return or refund request
    with the same amount outstanding, both rounded to whole minor units. If there are more or fewer of these than such
    refunds, nobody knows which is for which, and the names stay. Of a credit that the order `issued`, and that was
    voided and paid out by another means, only the rest is compared; its voids get the same name. `owing`: documents by
    id. `assumed`: the currency of what names none."""
    given = [*_self_named(payments, owing)]
    if not given:
        return payments
    found = dict(payments)
    voids = _voids(payments, owing, issued) if issued else {}
    for name, keys in voids.items():
        found |= {key: _renamed(payments[key], name) for key in keys}
    taken = taken_back(found, money, issued) if voids else {}
    paid_out = _paid_out(payments, voids, owing, taken, money) if taken else ()
    refunds, promises = dict[_Owed, list[str]](), dict[_Owed, list[str]]()
    for key, amount, said in given:
        off = taken.get(said.correlation_id or "", ZERO)
        left = plain(EXACT.subtract(Decimal(amount), off)) if said.correlation_id in paid_out else amount
        refunds.setdefault(_owed(left, said.currency or assumed), []).append(key)
    for promise_id, promise in owing.items():
        if promise.refund_outstanding is not None:
            owed = _owed(promise.refund_outstanding, promise.currency or assumed)
            promises.setdefault(owed, []).append(promise_id)
    meant = dict[str, str]()
    for owed, keys in refunds.items():
        if owed[0] == NOTHING or owed[0].startswith("-") or len(promised := promises.get(owed, [])) != len(keys):
            continue
        for key, promise_id in zip(keys, promised, strict=True):
            meant[payments[key].said.correlation_id or ""] = promise_id
            found[key] = _renamed(payments[key], promise_id)
    return found | _as_meant(payments, voids, meant, paid_out)


def _as_meant(
    payments: Mapping[str, Payment],
    voids: Mapping[str, Sequence[str]],
    meant: Mapping[str, str],
    paid_out: Container[str | None],
) -> dict[str, Payment]:
    """Return the voids of credits that are `meant` for something, by name: under that, or as they were told of those
    that were not paid out. Each once: thousands of credits may have one name."""
    return {
        void: _renamed(payments[void], promise_id) if name in paid_out else payments[void]
        for name, promise_id in meant.items()
        for void in voids.get(name, ())
    }


def _paid_out(
    payments: Mapping[str, Payment],
    voids: Mapping[str, Sequence[str]],
    owing: Mapping[str, Any],
    taken: Mapping[str, Decimal],
    money: Money,
) -> Container[str | None]:
    """Return the names of voided credits that were paid out by another means: no more of the credit was `taken` back
    than other refunds gave for one return or request, and just what is left of the credit is outstanding there. Only
    returns and requests that its `voids` name count; any of those `owing`, if they name none."""
    currency, slack = money.currency or "", money.slack(money.currency or "")
    meant = {name: owing.keys() & {payments[key].said.correlation_id for key in keys} for name, keys in voids.items()}
    by_any = [(None, promise_id) for promise_id in owing]
    most, found = dict[tuple[str | None, str], Decimal](), set[str | None]()
    for name, promise_id in (*by_any, *((name, promise_id) for name, ids in meant.items() for promise_id in ids)):
        if (promise := owing[promise_id]).currency in {None, currency}:
            at = name, _open(Decimal(promise.refund_outstanding or 0), currency, slack)
            most[at] = max(most.get(at, ZERO), Decimal(promise.refunded))
    for _, amount, said in _self_named(payments, owing):
        if (off := taken.get(name := said.correlation_id or "")) is not None:
            at = name if meant.get(name) else None, _open(EXACT.subtract(Decimal(amount), off), currency, slack)
            if EXACT.subtract(off, most.get(at, ZERO)) <= slack:
                found.add(name)
    return found


def left_of_voided(
    payments: Mapping[str, Payment], owing: Container[str], money: Money, taken: Mapping[str, Decimal]
) -> Mapping[str, Decimal]:
    """Return by payment what is left of self-named refunds for nothing that is `owing`, if anything was `taken` back
    under their name; 0 if all was, within the slack. If several share a name, nobody knows which one was voided: they
    are left out unless all were."""
    under = dict[str, dict[str, Decimal]]()
    for key, amount, said in _self_named(payments, owing) if taken else ():
        if (name := said.correlation_id or "") in taken:
            under.setdefault(name, {})[key] = Decimal(amount)
    found, slack = dict[str, Decimal](), money.slack(money.currency or "")
    for name, given in under.items():
        left = EXACT.subtract(reduce(EXACT.add, given.values(), ZERO), taken[name])
        if left <= slack or len(given) == 1:
            found |= dict.fromkeys(given, left if left > slack else ZERO)
    return found


def _voids(
    payments: Mapping[str, Payment], owing: Container[str], issued: AbstractSet[str]
) -> Mapping[str, Sequence[str]]:
    """By the name of a self-named credit, its voids: those under the same name, and those under the id of what is
    `owing`, which the money is for instead. The latter count only if all refunds to the instrument have one name."""
    names, found = dict[str | None, set[str | None]](), dict[str, list[str]]()
    for action, said, *_ in payments.values():
        if action == "refunded" and said.instrument_id in issued:
            is_own = said.correlation_id not in owing and names_itself(said)
            names.setdefault(said.instrument_id, set()).add(said.correlation_id if is_own else None)
    for key, (action, said, *_) in payments.items():
        own = names.get(said.instrument_id, ())
        if action != "voided" or said.correlation_id is None:
            continue
        if said.correlation_id in own:
            found.setdefault(said.correlation_id, []).append(key)
        elif said.correlation_id in owing and len(own) == 1:
            [name] = own
            if name is not None:
                found.setdefault(name, []).append(key)
    return found


def _renamed(payment: Payment, name: str) -> Payment:
    return payment._replace(said=payment.said._replace(correlation_id=name))


def _open(amount: Decimal, currency: str, slack: Decimal) -> str:
    """How much is outstanding, in least units."""
    return NOTHING if amount <= slack else plain(in_least_units(plain(amount), currency))


def _owed(amount: str, currency: str | None) -> _Owed:
    return plain(in_least_units(amount, currency or "")), currency or ""


def _self_named(payments: Mapping[str, Payment], owing: Container[str]) -> Iterator[tuple[str, str, Transaction]]:
    """Self-named refunds for nothing that is `owing`, with their amounts."""
    for key, (action, said, *_) in payments.items():
        is_unmatched = action == "refunded" and said.correlation_id not in owing
        if is_unmatched and said.amount is not None and names_itself(said):
            yield key, said.amount, said


def names_itself(said: Transaction) -> bool:
    """Return whether a refund names only itself (its id, the end of it, or its instrument), as store credits may."""
    name = said.correlation_id
    return name is not None and (name in {said.id, said.instrument_id} or (said.id or "").endswith(f"-{name}"))
