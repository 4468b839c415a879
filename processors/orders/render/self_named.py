"""Refunds that name themselves: a store credit that is issued for a return may have the end of its own id in place of
the return's, as published payment accounts have it. Which return that is, the amounts tell."""

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
"""An amount in least units, and its currency. As text: whoever writes amounts can choose numbers of one hash, of which
thousands would be compared with each other."""


def attributed(
    payments: Mapping[str, Payment],
    owing: Mapping[str, Any],
    money: Money,
    issued: AbstractSet[str],
    assumed: str | None,
) -> Mapping[str, Payment]:
    """Return payments with such refunds under the ids of the returns and refund requests (documents by id) of which
    as much is outstanding, but for noise: only if there are as many of these, else nobody knows which. Of a credit that
    the order `issued`, which was voided and paid out by another means, only what is left is for one of them; its voids
    are under one name with it. `assumed`: the currency of what names none."""
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
    for owed, keys in refunds.items():
        if owed[0] == NOTHING or owed[0].startswith("-") or len(promised := promises.get(owed, [])) != len(keys):
            continue
        for key, promise_id in zip(keys, promised, strict=True):
            name = payments[key].said.correlation_id or ""
            found[key] = _renamed(payments[key], promise_id)
            for void in voids.get(name, ()):
                found[void] = _renamed(payments[void], promise_id) if name in paid_out else payments[void]
    return found


def _paid_out(
    payments: Mapping[str, Payment],
    voids: Mapping[str, Sequence[str]],
    owing: Mapping[str, Any],
    taken: Mapping[str, Decimal],
    money: Money,
) -> Container[str | None]:
    """Return the names under which no more was `taken` back than went out, under their own names, for one of those that
    the `voids` name; for any one, if they name none."""
    slack, given = money.slack(money.currency or ""), {key: Decimal(each.refunded) for key, each in owing.items()}
    most, found = max(given.values(), default=ZERO), set[str]()
    for name, keys in voids.items():
        named = [given[of] for key in keys if (of := payments[key].said.correlation_id or "") in given]
        off = taken.get(name, ZERO)
        if off and EXACT.subtract(off, max(named, default=most)) <= slack:
            found.add(name)
    return found


def left_of_voided(
    payments: Mapping[str, Payment], owing: Container[str], money: Money, taken: Mapping[str, Decimal]
) -> Mapping[str, Decimal]:
    """Return by payment what is left of such refunds that are for none of these that are `owing`, where anything was
    `taken` back under their name: 0 if all was, but for the slack. Of several under one name nobody knows which one it
    was of, unless it was all."""
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
    """Return by name the voids of such credits, which are under the same name, or under the id of what is `owing`: that
    says what the money is for instead. There, the instrument has to have one name."""
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


def _owed(amount: str, currency: str | None) -> _Owed:
    return plain(in_least_units(amount, currency or "")), currency or ""


def _self_named(payments: Mapping[str, Payment], owing: Container[str]) -> Iterator[tuple[str, str, Transaction]]:
    """Such refunds, with their amounts."""
    for key, (action, said, *_) in payments.items():
        is_unmatched = action == "refunded" and said.correlation_id not in owing
        if is_unmatched and said.amount is not None and names_itself(said):
            yield key, said.amount, said


def names_itself(said: Transaction) -> bool:
    """Say whether a refund names nothing but itself: such is a store credit's."""
    name = said.correlation_id
    return name is not None and (name in {said.id, said.instrument_id} or (said.id or "").endswith(f"-{name}"))
