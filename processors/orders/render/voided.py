"""Captures that were voided: a gift card that is charged at once gets its money back by a void, not by a refund. And
refunds that were: what is left of a store credit that was issued is paid out by another means."""

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
"""What was done, and with how much."""
_Of = tuple[str | None, str]
"""By which instrument, and how much."""


def without_voided(
    payments: Mapping[str, Payment], money: Money, current_total: str | None, of_exchange: Iterable[Any] | None
) -> Money:
    """Return money that knows of captures that were voided. `of_exchange`: it is an exchange's that goes on, with these
    refund requests (documents). One voids what is left of a store credit, captured or not: there, they are captures
    only if exactly the price is left of these, or was before the requests were paid of it."""
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
    """Return by instrument what was captured in a currency and voided again: what was voided, after it was captured,
    beyond what was still authorized. Nothing where authorizations do not say whose they are and how much."""
    found = {each: _voided_of_captured(moves) for each, moves in _moves(payments, currency).items()}
    return {each: voided for each, voided in found.items() if voided}


def _voided_of_captured(moves: Sequence[_Move]) -> Decimal:
    """How much of an instrument's voids is of what was captured: of each, what goes beyond what was still authorized by
    then."""
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
    """Return what was voided in a currency of what the order itself had issued, as a store credit for a return is: it
    was a refund, and is none any more. An instrument that was authorized paid, so its voids are of that."""
    found = ZERO
    for moves in _moves(payments, currency).values():
        sums = _sums(moves)
        if not sums["authorized"]:
            found = EXACT.add(found, min(sums["refunded"], sums["voided"]))
    return found


def only_gave_back(steps: Collection[tuple[str, str | None]]) -> bool:
    """Say whether payments (what was done, by which instrument) were nothing but refunds, and voids of store credits
    that went out so."""
    issued = {instrument for action, instrument in steps if action == "refunded" and instrument is not None}
    return all(action == "refunded" or (action == "voided" and instrument in issued) for action, instrument in steps)


def paid_out(
    payments: Mapping[str, Payment], money: Money, issued: AbstractSet[str], returns: Container[str]
) -> dict[str, str]:
    """Return the refunds (amounts by payment) under whose name no less was voided of other credits, which the order
    itself had `issued`. They are for something known: what an exchange order gives back leaves the account of the order
    whose credit it was paid with, under the name of that other order's return or refund request; under the name of one
    of its own `returns` it is that one's."""
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
    """Return by name how much was voided under it of credits that the order had `issued` under the same name, and no
    more than was issued so. Where that is a return's or a request's, what goes out beyond its promise is in their
    place."""
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
    """Return by name what went out in a currency for these that are `owing` (documents by id) beyond what they promise,
    as far as credits were `taken` back under the name: it is in their place."""
    found = dict[str, Decimal]()
    for name, amount_taken in taken.items():
        said = owing.get(name)
        if said is None or said.refund_outstanding is None or said.currency not in {None, currency}:
            continue
        found[name] = max(ZERO, min(amount_taken, Decimal(said.refund_outstanding).copy_negate()))
    return found


def in_place(payments: Mapping[str, Payment], for_another: Mapping[str, str], again: Mapping[str, Decimal]) -> Decimal:
    """Return what went out in place of credits that were voided: `for_another` order (see `paid_out`), or, by name,
    `again`. Of a request it may be both: counted once."""
    found = dict[str | None, Decimal]()
    for key, amount in for_another.items():
        name = payments[key].said.correlation_id
        found[name] = EXACT.add(found.get(name, ZERO), Decimal(amount))
    for named, amount_again in again.items():
        found[named] = max(found.get(named, ZERO), amount_again)
    return reduce(EXACT.add, found.values(), ZERO)


def issued_by(payments: Mapping[str, Payment], money: Money) -> AbstractSet[str]:
    """Return the instruments that the order issued, and all that was voided of them, but for the slack: of which of
    more voids it was, nobody knows. None that was authorized, be it in a currency that nobody names."""
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
    """What was done by which instrument in a currency, in canonical order; nothing where nothing was voided."""
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
