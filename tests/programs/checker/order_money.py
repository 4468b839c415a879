"""An order's payments and their sums (docs/order-state.md)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import ACTIONS, Fact, of
from tests.programs.checker.values import currency_code, identifier, last, less, rounded, text, times, total, unsigned

_NO_DIGITS = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI")
_DIGITS = {
    **dict.fromkeys((*_NO_DIGITS, "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits behind the point, by ISO 4217; all other currencies have two."""

_ROUNDED_BY = {
    **dict.fromkeys(("AUD", "CAD", "CHF", "EUR", "SGD", "USD"), "0.025"),
    **dict.fromkeys(("HKD", "ILS", "NZD", "ZAR"), "0.05"),
    **dict.fromkeys(("DKK", "MXN"), "0.25"),
    **dict.fromkeys(("CZK", "ISK", "JPY", "NOK", "SEK"), "0.5"),
    **dict.fromkeys(("CLP", "KRW"), "5"),
    **dict.fromkeys(("BHD", "KWD", "OMR"), "0.0025"),
    **dict.fromkeys(("GBP", "PLN"), "0.005"),
    "HUF": "2.5",
    "COP": "25",
    "IDR": "50",
}
"""The most by which a payment in cash may differ from what is owed; 1 in any other currency."""

_PAYS_BY = ("payment_method", "payment_wallet", "payment_provider")
"""What is said of instruments."""

Payments = dict[str, dict[str, Any]]
"""The document's `payments`."""

Sums = dict[str, dict[str, Any]]
"""The document's `payment_sums`."""


def payments_of(facts: Sequence[Fact]) -> Payments:
    """Payments by action and transaction. If several facts tell of one, the last known value of each field counts. If
    none of them says how it was paid, what is known of its instrument counts."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    by_instrument: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for _, key, payment in said_of_payments(facts):
        found[key].append(payment)
        by_instrument[payment["instrument_id"]].append(payment)
    merged = {key: _merged(told) for key, told in found.items()}
    for payment in merged.values():
        if payment["payment_method"] is None and payment["instrument_id"] is not None:
            told = by_instrument[payment["instrument_id"]]
            payment |= {field: payment[field] or last(each[field] for each in told) for field in _PAYS_BY}
    return merged


def _merged(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How it was paid belongs to its instrument, so only facts with that instrument say it."""
    payer = last(each["instrument_id"] for each in told)
    by_payer = [each for each in told if each["instrument_id"] == payer]
    return {
        field: last(each[field] for each in (by_payer if field.startswith("payment_") else told)) for field in told[-1]
    }


def said_of_payments(facts: Sequence[Fact]) -> Iterator[tuple[Fact, str, dict[str, Any]]]:
    """Who says something of a payment, the payment's key, and what is said. Each event tells of at least one
    payment."""
    for fact in of(facts, *ACTIONS):
        instruments = {identifier(said.get("id")): said for _, said in fact.said("instruments")}
        for place, transaction in enumerate(fact.all_said("transactions") or [{}]):
            action, transaction_id = ACTIONS[fact.name], identifier(transaction.get("id"))
            key = f"{action}:{transaction_id or f'{fact.key or fact.source}#{place}'}"
            instrument = instruments.get(identifier(transaction.get("instrument_id")) or "", {})
            yield fact, key, {"status": action, "transaction_id": transaction_id, **_payment(transaction, instrument)}


def _payment(transaction: dict[str, Any], instrument: dict[str, Any]) -> dict[str, Any]:
    return {
        "amount": unsigned(transaction.get("amount")),
        "currency": currency_code(transaction.get("currency")),
        **{field: identifier(transaction.get(field)) for field in ("correlation_id", "instrument_id")},
        **{field: text(instrument.get(field)) for field in _PAYS_BY},
    }


def sums_of(payments: Payments, currency: str | None, grand_total: str | None) -> Sums:
    """The sums by currency, "" if none is said. Unreadable amounts are in none. Only the order's currency has a
    balance."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for payment in payments.values():
        if payment["amount"] is not None:
            found[payment["currency"] or ""].append(payment)
    return {
        key: _sums(of_it, grand_total if key == currency and not is_unread(payments, "captured", key) else None)
        for key, of_it in found.items()
    }


def is_unread(payments: Payments, action: str, currency: str) -> bool:
    """Whether more may have moved in a currency: an amount cannot be read, or nobody knows its currency."""
    own = [payment for payment in payments.values() if payment["status"] == action]
    are_several = {payment["currency"] for payment in payments.values() if payment["amount"] is not None} != {None}
    doubts = [each for each in own if each["amount"] is None or (are_several and each["amount"] != "0")]
    return any(each["currency"] is None or (each["amount"] is None and each["currency"] == currency) for each in doubts)


def _sums(payments: Sequence[dict[str, Any]], due: str | None) -> dict[str, Any]:
    by_method: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for payment in payments:
        by_method[payment["payment_method"] or "unknown"].append(payment)
    sums = by_action(payments)
    net = less(sums["captured"], sums["refunded"])
    rest = less(sums["authorized"], sums["captured"], sums["voided"])
    return {
        **sums,
        "open_authorization": rest if is_more(rest) else "0",
        "net": net,
        "balance": less(due, sums["captured"]),
        "by_method": {method: by_action(of_it) for method, of_it in by_method.items()},
    }


def by_action(payments: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {
        action: total(payment["amount"] for payment in payments if payment["status"] == action)
        for action in ACTIONS.values()
    }


def payment_status(payments: Payments, sums: Sums, currency: str | None, *, ended: bool) -> str:
    """The document's `payment_status`, in the order's currency if anything was paid in it. `ended`: nothing more is
    captured. The noise of binary fractions makes no difference."""
    if not payments:
        return "none"
    key = judged_by(payments, sums, currency)
    if key not in sums:
        return "unknown"
    authorized, captured, voided, refunded = (sums[key][action] for action in ACTIONS.values())
    returned, taken, reserved, released = map(is_more, (refunded, captured, authorized, voided))
    kept, is_open, is_reserved = (
        is_more(less(amount, least_of(key)))
        for amount in (sums[key]["net"], sums[key]["open_authorization"], less(authorized, voided))
    )
    rules = (
        (returned and taken and not kept, "refunded"),
        (returned, "partially_refunded"),
        (taken and (ended or not is_open), "captured"),
        (taken, "partially_captured"),
        (reserved and released and not is_reserved, "voided"),
        (reserved, "authorized"),
        (released, "voided"),
        *(
            (done == {"0"}, status)
            for status in ("captured", "authorized")
            if (done := _amounts_with(payments, status))
        ),
    )
    return next((status for holds, status in rules if holds), "unknown")


def _amounts_with(payments: Payments, status: str) -> set[str | None]:
    """The amounts of all payments, if one has this status."""
    is_there = any(payment["status"] == status for payment in payments.values())
    return {payment["amount"] for payment in payments.values()} if is_there else set()


def judged_by(payments: Payments, sums: Sums, currency: str | None) -> str:
    """The order's currency if anything was paid in it, or if no amount can be read; else the first currency."""
    if currency is None:
        return min(filter(None, sums), default="")
    is_paid_in = currency in {payment["currency"] for payment in payments.values()}
    return currency if is_paid_in or not sums else min(sums)


def unmatched_refunds(payments: Payments, matched: Collection[str]) -> list[dict[str, Any]]:
    """The document's `unmatched_refunds`. `matched`: refunds for returns and refund requests, in their currencies."""
    return [
        {"payment": key, **{field: payment[field] for field in ("amount", "currency", "correlation_id")}}
        for key, payment in sorted(payments.items())
        if payment["status"] == "refunded" and key not in matched
    ]


def allowance_of(payments: Payments, currency: str) -> str:
    """How far apart equal amounts of a currency may be: what each payment in cash may be rounded by, if there is one,
    else half a minor unit."""
    cash = [
        each["status"]
        for each in payments.values()
        if _is_cash(each) and each["amount"] is not None and (each["currency"] or "") == currency
    ]
    if not cash:
        return least_of(currency)
    return times(_ROUNDED_BY.get(currency, "1"), max(1, sum(status in {"captured", "refunded"} for status in cash)))


def _is_cash(payment: dict[str, Any]) -> bool:
    """Method or provider says it."""
    return "cash" in {(payment[field] or "").strip().lower() for field in ("payment_method", "payment_provider")}


def least_of(currency: str | None) -> str:
    """Half a minor unit of a currency."""
    return {0: "0.5", 3: "0.0005"}.get(_DIGITS.get(currency or "", 2), "0.005")


def without_noise(amount: str, currency: str) -> str:
    """The amount, rounded to minor units."""
    return rounded(amount, _DIGITS.get(currency, 2))


def are_alike(one: str | None, other: str | None, allowance: str) -> bool:
    """Whether both amounts are known and may be the same."""
    return None not in {one, other} and not (
        is_more(less(one, other, allowance)) or is_more(less(other, one, allowance))
    )


def is_more(amount: str | None) -> bool:
    """Whether the amount is known and above 0."""
    return amount is not None and amount != "0" and not amount.startswith("-")


def names_only_itself(payment: dict[str, Any]) -> bool:
    """Whether a refund says of its purpose nothing but its own name."""
    name, own = payment["correlation_id"], payment["transaction_id"] or ""
    return (
        payment["status"] == "refunded"
        and name is not None
        and (own.endswith(f"-{name}") or name in (own, payment["instrument_id"]))
    )
