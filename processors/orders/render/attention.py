"""Findings about an order's money: what they tell is possible, but somebody should look at it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any

from processors.orders.render import structs
from processors.orders.render.payments import Money, Payment, Sums
from processors.orders.render.settling import Settled
from processors.orders.render.voided import voided_credits
from schemas.money import EXACT, NOTHING, ZERO


def payment_attention(
    details: Mapping[str, Any],
    settled: Settled,
    unexplained: Iterable[Any],
    *,
    unread: bool,
    unpriced: bool,
    partial_history: bool,
) -> list[Any]:
    """Return the document's `attention`. `unexplained`: refunds for nothing known. `unread`: there may be more
    payments, so no sums are compared. `unpriced`: the price may be another, so no sum is compared with it.
    `partial_history`: sums are compared with the price alone; at least so much was captured beyond it."""
    payments, money, requests = settled.payments, settled.money, settled.refund_requests
    found = [("unreadable_amount", key) for key, payment in payments.items() if payment.said.amount is None]
    order_currency = details.get("currency")
    if order_currency is not None:
        known = {None, order_currency}  # a payment without a currency is no mismatch
        found += [("currency_mismatch", key) for key, payment in payments.items() if payment.said.currency not in known]
    for promise_id, said in (*settled.returns.items(), *requests.items()):
        if _is_beyond(said, settled.taken_back.get(promise_id, ZERO), money):
            found.append(("refunded_more_than_promised", promise_id))
    asked, paid_in = _asked(requests.values(), money.currency), _by_currency(payments)
    is_priced = not (unpriced or details.get("is_historical"))
    for currency, sums in () if unread else money.sums.items():
        slack, is_overpaid = money.slack(currency), is_priced and _is_overpaid(money, currency)
        voided = money.voided_captures if currency == money.currency else {}
        if is_overpaid:
            found.append(("over_captured", currency))
        if partial_history:
            continue
        if not is_overpaid:
            over = _over_captured(paid_in[currency], currency, sums, slack, voided)
            found += [("over_captured", instrument) for instrument in over]
        left = reduce(EXACT.subtract, voided.values(), money.net(currency))
        if sums["captured"] > 0 and _is_beyond_captures(paid_in[currency], left, currency, slack):
            found.append(("refunded_more_than_captured", currency))
        # NewStore executes a refund request once enough is captured
        coming = EXACT.add(sums["captured"], money.open_authorization(currency))
        if sums["captured"] > 0 and EXACT.subtract(asked.get(currency, ZERO), coming) > slack:
            found.append(("requested_more_than_captured", currency))
    found += [("unmatched_refund", each.payment) for each in unexplained]
    # a set: an instrument may be over-captured in several currencies
    return [structs.Attention(kind=kind, subject=subject) for kind, subject in sorted({*found})]


def _by_currency(payments: Mapping[str, Payment]) -> Mapping[str, Mapping[str, Payment]]:
    """By currency, its payments ("": without one). An authorization without a currency, and without its instrument or
    amount, may be of any: the first of these is added to each currency. More of them would tell no more."""
    found: dict[str, dict[str, Payment]] = {}
    for key, payment in payments.items():
        found.setdefault(payment.said.currency or "", {})[key] = payment
    for key, (action, said, *_) in found.get("", {}).items():
        if action == "authorized" and (said.instrument_id is None or said.amount is None):
            return {currency: {**of, key: payments[key]} for currency, of in found.items()}
    return found


def _is_beyond(said: Any, taken_back: Decimal, money: Money) -> bool:
    """Whether more was refunded for a return or request than it promises, not counting credits that were `taken_back`
    in the currency that is judged."""
    if said.refund_outstanding is None or said.refunded == NOTHING:
        return False
    currency = said.currency or money.currency or ""
    taken = taken_back if currency == (money.currency or "") else ZERO
    return EXACT.add(Decimal(said.refund_outstanding), taken) < -money.slack(currency)


def _is_beyond_captures(payments: Mapping[str, Payment], left: Decimal, currency: str, slack: Decimal) -> bool:
    """Whether more was refunded than captured, not counting credits that were voided. `left`: captures minus voided
    captures and refunds."""
    return left < -slack and EXACT.add(left, voided_credits(payments, currency)) < -slack


def _is_overpaid(money: Money, currency: str) -> bool:
    """Whether the shop keeps more than the order costs. What was authorized does not matter: the order may have been
    authorized twice, too."""
    if currency != money.currency or money.grand_total is None:
        return False
    return EXACT.subtract(money.kept(money.grand_total), money.grand_total) > money.slack(currency)


def _asked(requests: Iterable[Any], currency: str | None) -> Mapping[str, Decimal]:
    """By currency, what refund requests ask for; a request without a currency is in `currency`."""
    sums: dict[str, Decimal] = {}
    for request in requests:
        if request.amount is not None:
            of = request.currency or currency or ""
            sums[of] = EXACT.add(sums.get(of, ZERO), Decimal(request.amount))
    return sums


def _over_captured(
    payments: Mapping[str, Payment], currency: str, sums: Sums, slack: Decimal, voided: Mapping[str, Decimal]
) -> Iterable[str]:
    """The instruments with more captured, and not given back to them, than authorized. An instrument without an
    authorization never counts. None does if an authorization in this currency or in none lacks its instrument or
    amount. `sums`: the currency's. `voided`: by instrument, captures that were voided."""
    if not sums["captured"] or not sums["authorized"]:
        return ()
    beyond, promised = {each: amount.copy_negate() for each, amount in voided.items()}, set[str]()
    for action, said, *_ in payments.values():
        instrument, amount = said.instrument_id, said.amount
        if instrument is None or amount is None:
            if action == "authorized" and said.currency in {None, currency}:
                return ()
        elif (said.currency or "") != currency:
            continue
        elif action == "captured":
            beyond[instrument] = EXACT.add(beyond.get(instrument, ZERO), Decimal(amount))
        elif action != "voided" and amount != NOTHING:
            beyond[instrument] = EXACT.subtract(beyond.get(instrument, ZERO), Decimal(amount))
            promised |= {instrument} if action == "authorized" else set()
    return [instrument for instrument, more in beyond.items() if more > slack and instrument in promised]
