"""Captures that were voided: a gift card that is charged at once gets its money back by a void, not by a refund. And
refunds that were: what is left of a store credit that was issued is paid out by another means."""

from collections.abc import Mapping
from decimal import Decimal

from processors.orders.render.payments import NOTHING, Money, Payment, Sums
from schemas.money import EXACT, ZERO


def without_voided(payments: Mapping[str, Payment], money: Money, current_total: str | None, *, goes_on: bool) -> Money:
    """Return money that knows of captures that were voided. `goes_on`: it is an exchange's, which voids what is left of
    a store credit, captured or not: there, they are captures only if exactly the price is left of these."""
    found = money._replace(voided_captures=voided_captures(payments, money.currency or ""))
    if not goes_on or not found.voided_captures:
        return found
    if money.grand_total is None:
        return money
    price = money.grand_total if current_total is None else Decimal(current_total)
    beyond = EXACT.subtract(found.kept(price), price)
    return found if beyond.copy_abs() <= money.slack(money.currency or "") else money


def voided_captures(payments: Mapping[str, Payment], currency: str) -> Mapping[str, Decimal]:
    """Return by instrument what was captured in a currency and voided again: what was voided beyond what was still
    authorized. Nothing where authorizations do not say whose they are and how much."""
    found: dict[str, Decimal] = {}
    if all(payment.action != "voided" for payment in payments.values()):
        return found
    for instrument, sums in _by_instrument(payments, currency).items():
        authorized, captured, voided = sums["authorized"], sums["captured"], sums["voided"]
        beyond = EXACT.subtract(voided, max(ZERO, EXACT.subtract(authorized, captured)))
        if authorized and captured and beyond > 0:
            found[instrument] = min(captured, beyond)
    return found


def voided_credits(payments: Mapping[str, Payment], currency: str) -> Decimal:
    """Return what was voided in a currency of what the order itself had issued, as a store credit for a return is: it
    was a refund, and is none any more. An instrument that was authorized paid, so its voids are of that."""
    found = ZERO
    for sums in _by_instrument(payments, currency).values():
        if not sums["authorized"]:
            found = EXACT.add(found, min(sums["refunded"], sums["voided"]))
    return found


def _by_instrument(payments: Mapping[str, Payment], currency: str) -> Mapping[str, Sums]:
    found: dict[str, Sums] = {}
    for action, said, _ in payments.values():
        if said.currency not in {None, currency}:
            continue
        if said.instrument_id is None or said.amount is None:
            if action == "authorized":
                return {}
        elif said.currency is not None:
            sums = found.setdefault(said.instrument_id, NOTHING.copy())
            sums[action] = EXACT.add(sums[action], Decimal(said.amount))
    return found
