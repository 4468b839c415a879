"""What the shop took and still holds (docs/order-state.md)."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from tests.programs.checker.order_money import Payments, allowance_of, by_action, is_more, names_only_itself
from tests.programs.checker.values import less, total

Promises = dict[str, dict[str, Any]]
"""Returns or refund requests of a document, by id."""


def held_of(
    currency: str,
    sums: dict[str, Any],
    payments: Payments,
    returns: Promises,
    requests: Promises,
    price: str | None,
) -> str:
    """What the shop took in a currency and still holds. Refunds for returned goods do not reduce it, up to what each
    return promised, and to `price` for all of them: the goods are worth that."""
    worth = []
    for key, promise in returns.items():
        if promise["refund_outstanding"] is None or (promise["currency"] or currency) != currency:
            continue
        paid_back = total(
            each["amount"]
            for each in payments.values()
            if (each["status"], each["correlation_id"], each["currency"] or "") == ("refunded", key, currency)
        )
        promised = total((promise["refunded"], promise["refund_outstanding"]))
        if is_more(promised):
            worth.append(min(paid_back, promised, key=Decimal))
    goods = total(worth)
    instead = not_gone(payments, currency, returns, requests)
    return total((sums["net"], instead, goods if price is None else min(goods, price, key=Decimal)))


def not_gone(payments: Payments, currency: str, returns: Promises, requests: Promises) -> str:
    """The refunds in a currency that gave nothing back, because credits were voided. Either they replace such credits:
    for another order, or beyond the promise of a return or request, whichever is more under a name. Or they are the
    voided part of credits that were for neither."""
    swapped, taken = given_instead(payments, currency, returns), taken_back(payments, currency)
    instead = []
    withdrawn = {payments[key]["correlation_id"] for key in given_up(payments, currency, {*returns, *requests})}
    for name in {*taken, *(payments[key]["correlation_id"] for key in swapped)}:
        elsewhere = total(swapped[key] for key in swapped if payments[key]["correlation_id"] == name)
        promise = requests.get(name) or returns.get(name) or {"refund_outstanding": None, "currency": None}
        beyond = less("0", promise["refund_outstanding"]) if (promise["currency"] or currency) == currency else None
        again = taken[name] if name in withdrawn else min(taken.get(name, "0"), beyond or "0", key=Decimal)
        instead.append(max(elsewhere, again, key=Decimal))
    return total(instead)


def taken_back(payments: Payments, currency: str) -> dict[str, str]:
    """By name how much was voided of credits that the order had issued under the same name, at most what was issued of
    each."""
    found: dict[str, str] = {}
    for instrument in credited(payments, currency):
        own = [each for each in payments.values() if each["amount"] and each["currency"] == currency]
        own = [each for each in own if each["instrument_id"] == instrument]
        for name in {each["correlation_id"] for each in own} - {None}:
            of_it = by_action([each for each in own if each["correlation_id"] == name])
            found[name] = total((found.get(name), min(of_it["refunded"], of_it["voided"], key=Decimal)))
    return found


def given_again(payments: Payments, currency: str, returns: Promises, requests: Promises) -> dict[str, str]:
    """By name what went out beyond the promises of these, at most what was voided of credits under that name."""
    taken, found = taken_back(payments, currency), dict[str, str]()
    for name in taken.keys() & {*returns, *requests}:
        promise = requests.get(name) or returns[name]
        beyond = less("0", promise["refund_outstanding"])
        if is_more(beyond) and (promise["currency"] or currency) == currency:
            found[name] = min(taken[name], beyond or "0", key=Decimal)
    return found


def given_up(payments: Payments, currency: str, known: Collection[str]) -> dict[str, str]:
    """The voided credits that name only themselves, and no known return or request, with what is left of each. A credit
    that was voided in part is there only if no other has its name."""
    taken, found = taken_back(payments, currency), dict[str, str]()
    for name in taken.keys() - {*known}:
        own = {key: each for key, each in payments.items() if each["correlation_id"] == name}
        own = {key: each for key, each in own.items() if names_only_itself(each) and each["amount"] is not None}
        rest = less(total(each["amount"] for each in own.values()), taken[name])
        is_some_left = is_more(less(rest, allowance_of(payments, currency)))
        if not is_some_left or len(own) == 1:
            found |= dict.fromkeys(own, (is_some_left and rest) or "0")
    return found


def given_instead(payments: Payments, currency: str, returns: dict[str, Any]) -> dict[str, str]:
    """The refunds in a currency, with their amounts, that are for another order: a credit of this order paid for an
    exchange order, and its money goes back. Under the same name, at least as much was voided of other credits that this
    order issued. A refund for one of its own `returns` is never one. A credit of which more was voided than issued
    proves nothing."""
    own, allowance = credited(payments, currency), allowance_of(payments, currency)
    readable = {key: each for key, each in payments.items() if each["amount"] and each["currency"] == currency}
    known = {key: each for key, each in readable.items() if each["correlation_id"] not in {None, *returns}}
    found: dict[str, str] = {}
    for name in {each["correlation_id"] for each in known.values()}:
        under_it = {key: each for key, each in known.items() if each["correlation_id"] == name}
        taken = [each for each in under_it.values() if each["status"] == "voided" and each["instrument_id"] in own]
        gone = {each["instrument_id"] for each in taken}
        instead = {
            key: each["amount"]
            for key, each in under_it.items()
            if each["status"] == "refunded" and each["instrument_id"] not in gone
        }
        covered = total((*(each["amount"] for each in taken), allowance))
        if taken and not is_more(less(total(instead.values()), covered)):
            found |= instead
    return found


def credited(payments: Payments, currency: str) -> set[str]:
    """The instruments of credits that the order issued: none that paid, and none of which more was voided than issued.
    Empty if an authorization lacks its instrument or amount."""
    own = [each for each in payments.values() if (each["currency"] or currency) == currency]
    promises = [each for each in own if each["status"] == "authorized"]
    if any(None in {each["instrument_id"], each["amount"]} for each in promises):
        return set()
    readable = [each for each in payments.values() if each["amount"] and each["currency"] == currency]
    paying = {each["instrument_id"] for each in promises}
    found = {each["instrument_id"] for each in readable if each["status"] == "refunded"} - paying - {None}
    for instrument in sorted(found):
        of_it = by_action([each for each in readable if each["instrument_id"] == instrument])
        beyond = less(of_it["voided"], of_it["refunded"], allowance_of(payments, currency))
        if not is_more(of_it["refunded"]) or is_more(beyond):
            found.remove(instrument)
    return found
