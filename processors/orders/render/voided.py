"""Voids that take back a capture or a refund. A gift card that was charged at once gets its money back by a void, not
by a refund. A store credit that the order issued (a refund) may be voided, and its rest paid out by another means."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import reduce
from operator import attrgetter
from typing import Any

from processors.orders.render.payments import NO_SUMS, Money, Payment
from schemas.money import EXACT, ZERO, total_of
from schemas.order_state import PaymentAction

_Move = tuple[PaymentAction, Decimal]
"""An action and its amount."""
_Of = tuple[str | None, str]
"""An instrument and an amount."""


def without_voided(
    payments: Mapping[str, Payment], money: Money, current_total: str | None, of_exchange: Iterable[Any] | None
) -> Money:
    """Return the money with its voided captures. `of_exchange`: the refund requests (documents) of an exchange order
    that goes on, else None. Such an order voids the rest of a store credit, captured or not. So its voids count here
    only if exactly the price is left of its captures (within the slack), or was left before the requests were paid."""
    found = money._replace(voided_captures=voided_captures(payments, money.currency or ""))
    if of_exchange is None or not found.voided_captures:
        return found
    if money.grand_total is None:
        return money
    price = money.grand_total if current_total is None else Decimal(current_total)
    currency = money.currency or ""
    requested = total_of(each.refunded for each in of_exchange if (each.currency or currency) == currency)
    beyond = EXACT.subtract(found.kept(price), price)
    is_paid = any(each.copy_abs() <= money.slack(currency) for each in (beyond, EXACT.add(beyond, requested)))
    return found if is_paid else money


def voided_captures(payments: Mapping[str, Payment], currency: str) -> Mapping[str, Decimal]:
    """Return by instrument how much of its captures in a currency was voided again: the part of each void after the
    capture that exceeds what was still authorized. Empty if an authorization lacks its instrument or amount."""
    found = {each: _voided_of_captured(moves) for each, moves in _moves(payments, currency).items()}
    return {each: voided for each, voided in found.items() if voided}


def _voided_of_captured(moves: Sequence[_Move]) -> Decimal:
    """How much of an instrument's voids takes back captures: of each void, the part that exceeds what was still
    authorized by then. 0 if nothing was authorized."""
    sums, found = NO_SUMS.copy(), ZERO
    for action, amount in moves:
        if action == "voided":
            voided = EXACT.subtract(sums["voided"], found)
            unused = EXACT.subtract(EXACT.subtract(sums["authorized"], sums["captured"]), voided)
            beyond = EXACT.subtract(amount, max(ZERO, unused))
            found = EXACT.add(found, max(ZERO, min(beyond, EXACT.subtract(sums["captured"], found))))
        sums[action] = EXACT.add(sums[action], amount)
    return found if sums["authorized"] else ZERO


def voided_credits(payments: Mapping[str, Payment], currency: str) -> Decimal:
    """Return how much was voided, in a currency, of store credits that the order had issued, as for a return: these
    refunds no longer count. An instrument that was authorized paid for the order, so its voids are not of a credit."""
    found = ZERO
    for moves in _moves(payments, currency).values():
        sums = _sums(moves)
        if not sums["authorized"]:
            found = EXACT.add(found, min(sums["refunded"], sums["voided"]))
    return found


def only_gave_back(steps: Collection[tuple[str, str | None]]) -> bool:
    """Return whether all payments (action, instrument) are refunds, or voids of store credits that these refunds
    issued."""
    issued = {instrument for action, instrument in steps if action == "refunded" and instrument is not None}
    return all(action == "refunded" or (action == "voided" and instrument in issued) for action, instrument in steps)


def paid_out(
    payments: Mapping[str, Payment], money: Money, issued: AbstractSet[str], returns: Container[str]
) -> dict[str, str]:
    """Return the refunds (amounts by payment) that are for an exchange order. They leave the account of this order,
    whose credit paid for the exchange, under the name (`correlation_id`) of the exchange order's return or refund
    request. Under the same name, at least as much was voided of other credits that this order had `issued`. A refund
    under the name of one of this order's own `returns` is for that return."""
    currency = money.currency or ""
    slack = money.slack(currency)
    refunds, voids = dict[str, dict[str, _Of]](), dict[str, list[_Of]]()
    for key, (action, said, *_) in payments.items() if issued else ():
        name, amount = said.correlation_id, said.amount
        if name is None or name in returns or amount is None or said.currency != currency:
            continue
        if action == "refunded":
            refunds.setdefault(name, {})[key] = said.instrument_id, amount
        elif action == "voided" and said.instrument_id in issued:
            voids.setdefault(name, []).append((said.instrument_id, amount))
    found = dict[str, str]()
    for name, voided in voids.items():
        own = {instrument for instrument, _ in voided}
        given = {key: amount for key, (instrument, amount) in refunds.get(name, {}).items() if instrument not in own}
        beyond = EXACT.subtract(total_of(given.values()), total_of(amount for _, amount in voided))
        found |= given if beyond <= slack else {}
    return found


def taken_back(payments: Mapping[str, Payment], money: Money, issued: AbstractSet[str]) -> Mapping[str, Decimal]:
    """Return by name how much was voided under it of credits that the order had `issued` under the same name, at most
    what was issued. What goes out for a return or request of that name beyond its promise replaces these credits."""
    currency = money.currency or ""
    under = dict[tuple[str, str], list[_Move]]()
    for action, said, *_ in payments.values() if issued else ():
        name, instrument, amount = said.correlation_id, said.instrument_id, said.amount
        if name is None or instrument is None or instrument not in issued:
            continue
        if amount is None or said.currency != currency:
            continue
        under.setdefault((name, instrument), []).append((action, Decimal(amount)))
    found = dict[str, Decimal]()
    for (name, _), moves in under.items():
        sums = _sums(moves)
        if both := min(sums["refunded"], sums["voided"]):
            found[name] = EXACT.add(found.get(name, ZERO), both)
    return found


def paid_again(owing: Mapping[str, Any], taken: Mapping[str, Decimal], currency: str) -> Mapping[str, Decimal]:
    """Return by name how much went out, in a currency, for what is `owing` (documents by id) beyond its promise. At
    most what was `taken` back of credits under that name counts: this money replaces them."""
    found = dict[str, Decimal]()
    for name, amount_taken in taken.items():
        said = owing.get(name)
        if said is None or said.refund_outstanding is None or said.currency not in {None, currency}:
            continue
        found[name] = max(ZERO, min(amount_taken, Decimal(said.refund_outstanding).copy_negate()))
    return found


def in_place(payments: Mapping[str, Payment], for_another: Mapping[str, str], again: Mapping[str, Decimal]) -> Decimal:
    """Return what went out in place of voided credits: `for_another` order (see `paid_out`), and `again`, by name.
    Money for a refund request may be in both, and counts once."""
    found = dict[str | None, Decimal]()
    for key, amount in for_another.items():
        name = payments[key].said.correlation_id
        found[name] = EXACT.add(found.get(name, ZERO), Decimal(amount))
    for named, amount_again in again.items():
        found[named] = max(found.get(named, ZERO), amount_again)
    return reduce(EXACT.add, found.values(), ZERO)


def issued_by(payments: Mapping[str, Payment], money: Money) -> AbstractSet[str]:
    """Return the instruments of credits that the order issued, if no more was voided of each than issued, within the
    slack: with more, nobody knows which voids are of the credit. Never an instrument that was authorized, even without
    a currency. Empty if nothing was voided, or if an authorization lacks its instrument or amount."""
    currency = money.currency or ""
    slack = money.slack(currency)
    found = {each for each, of in _moves(payments, currency).items() if _is_issued(_sums(of), slack)}
    return found - {
        said.instrument_id
        for action, said, *_ in (payments.values() if found else ())
        if action == "authorized" and said.currency in {None, currency}
    }


def _is_issued(sums: Mapping[PaymentAction, Decimal], slack: Decimal) -> bool:
    return sums["refunded"] > ZERO and EXACT.subtract(sums["voided"], sums["refunded"]) <= slack


def _sums(moves: Sequence[_Move]) -> Mapping[PaymentAction, Decimal]:
    found = NO_SUMS.copy()
    for action, amount in moves:
        found[action] = EXACT.add(found[action], amount)
    return found


def _moves(payments: Mapping[str, Payment], currency: str) -> Mapping[str, Sequence[_Move]]:
    """By instrument, its actions and amounts in a currency, in canonical order. Empty if nothing was voided, or if an
    authorization in that currency or in none lacks its instrument or amount."""
    found: dict[str, list[_Move]] = {}
    if all(payment.action != "voided" for payment in payments.values()):
        return found
    for action, said, *_ in sorted(payments.values(), key=attrgetter("place")):
        if said.currency not in {None, currency}:
            continue
        if said.instrument_id is None or said.amount is None:
            if action == "authorized":
                return {}
        elif said.currency is not None:
            found.setdefault(said.instrument_id, []).append((action, Decimal(said.amount)))
    return found
