"""What refunds are for that name only themselves; written once more from docs/order-state.md."""

from collections.abc import Collection, Sequence
from typing import Any

from tests.programs.checker.facts import Fact
from tests.programs.checker.order_money import Payments, is_more, judged_by, payments_of, sums_of, without_noise
from tests.programs.checker.order_returns import refund_requests_of, returns_of


def as_meant(facts: Sequence[Fact], sendable: Collection[str], currency: str | None) -> Payments:
    """The payments, where a refund that names itself names what it certainly is for: of all that is owed, there are
    exactly as many of this amount, but for noise, as there are such refunds of it."""
    payments = payments_of(facts)
    assumed = currency or judged_by(payments, sums_of(payments, currency, None), currency)
    owed = [
        *returns_of(facts, sendable, payments, currency).items(),
        *refund_requests_of(facts, payments, currency).items(),
    ]
    known = {key for key, _ in owed}
    open_ = [
        (*_kind(said["refund_outstanding"], said["currency"] or assumed), key) for key, said in sorted(owed, key=_key)
    ]
    credits_ = [
        (*_kind(payment["amount"], payment["currency"] or assumed), key)
        for key, payment in sorted(payments.items())
        if names_only_itself(payment) and payment["correlation_id"] not in known
    ]
    meant = dict(payments)
    for *kind, key in credits_:
        alike = [each for *other, each in credits_ if other == kind]
        fitting = [each for *other, each in open_ if other == kind]
        if is_more(kind[0]) and len(alike) == len(fitting):
            meant[key] = {**payments[key], "correlation_id": fitting[alike.index(key)]}
    return meant


def _kind(amount: str | None, currency: str) -> tuple[str | None, str]:
    """How much it is, and of what."""
    return None if amount is None else without_noise(amount, currency), currency


def _key(owed: tuple[str, dict[str, Any]]) -> tuple[bool, str]:
    key, said = owed
    return "requested_at" in said, key


def names_only_itself(payment: dict[str, Any]) -> bool:
    name, own = payment["correlation_id"], payment["transaction_id"] or ""
    return (
        payment["status"] == "refunded"
        and name is not None
        and (own.endswith(f"-{name}") or name in (own, payment["instrument_id"]))
    )
