"""What a refund is for that names only itself (docs/order-state.md, "A credit that names itself")."""

from collections.abc import Collection, Sequence
from typing import Any

from tests.programs.checker.facts import Fact
from tests.programs.checker.order_kept import credited, taken_back
from tests.programs.checker.order_money import (
    Payments,
    allowance_of,
    is_more,
    judged_by,
    names_only_itself,
    payments_of,
    sums_of,
    without_noise,
)
from tests.programs.checker.order_returns import refund_requests_of, returns_of
from tests.programs.checker.values import less


def as_meant(facts: Sequence[Fact], sendable: Collection[str], currency: str | None) -> Payments:
    """The payments, with each self-named refund under the name of what it is certainly for: the return or request with
    the same amount outstanding, rounded to minor units. There must be exactly as many of these as such refunds. If a
    credit was voided and paid out by another means, its rest is compared, and its voids get the same name."""
    payments = payments_of(facts)
    judged = judged_by(payments, sums_of(payments, currency, None), currency)
    assumed = currency or judged
    owed = [
        *returns_of(facts, sendable, payments, currency).items(),
        *refund_requests_of(facts, payments, currency).items(),
    ]
    known = {key for key, _ in owed}
    open_ = [
        (*_kind(said["refund_outstanding"], said["currency"] or assumed), key) for key, said in sorted(owed, key=_key)
    ]
    released = _released(payments, known, judged)
    meant = payments | {key: {**payments[key], "correlation_id": name} for key, name in released.items()}
    gone = taken_back(meant, judged) if released else {}
    allowance = allowance_of(payments, judged)
    gone = {
        name: off
        for name, off in gone.items()
        if any(
            not is_more(less(off, said["refunded"], allowance))
            and _is_open(said, less(own["amount"], off), allowance, judged)
            for own in payments.values()
            if own["correlation_id"] == name and names_only_itself(own)
            for said in _meant_for(name, payments, released, dict(owed))
        )
    }
    credits_ = [
        (*_kind(less(payment["amount"], gone.get(payment["correlation_id"])), payment["currency"] or assumed), key)
        if payment["correlation_id"] in gone
        else (*_kind(payment["amount"], payment["currency"] or assumed), key)
        for key, payment in sorted(payments.items())
        if names_only_itself(payment) and payment["correlation_id"] not in known
    ]
    for *kind, key in credits_:
        alike = [each for *other, each in credits_ if other == kind]
        fitting = [each for *other, each in open_ if other == kind]
        if is_more(kind[0]) and len(alike) == len(fitting):
            name, of = payments[key]["correlation_id"], fitting[alike.index(key)]
            meant[key] = {**payments[key], "correlation_id": of}
            for void in (each for each, own in released.items() if own == name):
                meant[void] = {**payments[void], "correlation_id": of} if name in gone else payments[void]
    return meant


def _released(payments: Payments, known: Collection[str], currency: str) -> dict[str, str]:
    """The voids of credits that the order issued and that name themselves, each with its credit's name. The void has
    that name, too; or it names a known return or request, and its instrument has one such credit only."""
    found = {}
    for key, void in payments.items():
        if void["status"] != "voided" or void["instrument_id"] not in credited(payments, currency):
            continue
        of_it = [
            each
            for each in payments.values()
            if (each["status"], each["instrument_id"]) == ("refunded", void["instrument_id"])
        ]
        own = {each["correlation_id"] for each in of_it if names_only_itself(each)} - {*known}
        if void["correlation_id"] in own:
            found[key] = void["correlation_id"]
        elif void["correlation_id"] in known and {each["correlation_id"] for each in of_it} == own and len(own) == 1:
            [found[key]] = own
    return found


def _meant_for(
    name: str, payments: Payments, released: dict[str, str], owed: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a voided credit is to be paid out for: what its voids name, else anything that is owed."""
    named = {payments[key]["correlation_id"] for key, own in released.items() if own == name}
    return [owed[key] for key in named if key in owed] or [*owed.values()]


def _is_open(said: dict[str, Any], rest: str | None, allowance: str, judged: str) -> bool:
    """Whether just this rest of a credit is still to go out, in the currency that is judged."""
    left = said["refund_outstanding"] or "0"
    if (said["currency"] or judged) != judged or rest is None:
        return False
    if not is_more(less(rest, allowance)):
        return not is_more(less(left, allowance))
    return is_more(less(left, allowance)) and without_noise(left, judged) == without_noise(rest, judged)


def _kind(amount: str | None, currency: str) -> tuple[str | None, str]:
    """The amount, rounded to minor units, and its currency."""
    return None if amount is None else without_noise(amount, currency), currency


def _key(owed: tuple[str, dict[str, Any]]) -> tuple[bool, str]:
    key, said = owed
    return "requested_at" in said, key
