"""Money: each step of each transaction once, sums by currency and by method, and what they amount to."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from processors.orders.canonical import Place
from processors.orders.render import structs
from processors.orders.render.instruments import PAYS_BY, by_its_instrument, known_instruments
from processors.orders.render.slack import noise, rounding
from processors.orders.said import Transaction
from processors.orders.slots import OrderSlots, Places
from schemas.money import EXACT, NOTHING, ZERO, plain, plain_or_none
from schemas.order_state import PaymentAction

_ACTIONS: Final[tuple[PaymentAction, ...]] = ("authorized", "captured", "voided", "refunded")
UNKNOWN: Final = "unknown"
_TOLD_APART_BY: Final = ("amount", "currency", "correlation_id", "instrument_id")
_OF_NO_INSTRUMENT: Final = dict.fromkeys(PAYS_BY)
_CASH: Final = "cash"
_MOVES: Final = frozenset({"captured", "refunded"})
"""Of which each is rounded by itself where it is cash."""

Sums = dict[PaymentAction, Decimal]
NO_SUMS: Final[Sums] = dict.fromkeys(_ACTIONS, ZERO)


class Payment(NamedTuple):
    """One step (`action`) of one transaction, field by field as the latest has it that says something there. `facts`
    are all of them if they differ about what tells one payment from another; none if they agree. `place`: of the first
    fact that tells it."""

    action: PaymentAction
    said: Transaction
    facts: list[int]
    place: Place

    def moves(self, action: PaymentAction) -> bool:
        """Whether it is such a step, and of more than 0: of one that nobody can read, something moved."""
        return self.action == action and self.said.amount != NOTHING


def payments_of(slots: OrderSlots, places: Places) -> dict[str, Payment]:
    """Return them by `<action>:<transaction id>`: all that is said of the same one is one payment. How it was paid,
    other events may say where its own do not."""
    found = dict[str, Payment]()
    for key, by_fact in sorted(slots.payments.items()):
        action: Any = key.partition(":")[0]
        facts = sorted(by_fact, key=places.__getitem__)
        said = [Transaction(*fields) for at in facts for fields in by_fact[at]]
        if len(said) == 1:
            found[key] = Payment(action, said[0], [], places[facts[0]])
            continue
        differ = any(len({*map(attrgetter(field), said)} - {None}) > 1 for field in _TOLD_APART_BY)
        found[key] = Payment(action, _together(said), facts if differ else [], places[facts[0]])
    untold = [key for key, (_, said, *_) in found.items() if said.payment_method is None and said.instrument_id]
    if untold:  # of few orders, and for those all that is said of payments is looked through
        instruments = known_instruments(slots, places)
        for key in untold:
            found[key] = found[key]._replace(said=by_its_instrument(found[key].said, instruments))
    return found


def _together(said: Sequence[Transaction]) -> Transaction:
    """How an instrument pays, only those say that name it."""
    instrument = _last_known([each.instrument_id for each in said])
    own = [each if each.instrument_id == instrument else each._replace(**_OF_NO_INSTRUMENT) for each in said]
    return Transaction(*map(_last_known, zip(*own, strict=True)))


def _last_known(values: Sequence[str | None]) -> str | None:
    return next((value for value in reversed(values) if value is not None), None)


class Money(NamedTuple):
    """Sums by currency, and within one by method. `currency` is the order's if anything was paid in it, else the one to
    judge it by."""

    sums: dict[str, Sums]
    by_method: dict[str, dict[str, Sums]]
    currency: str | None
    grand_total: Decimal | None
    """In that currency, if it is the order's."""
    for_goods: Decimal = ZERO
    """What went back in that currency for returns, as far as they promise it."""
    voided_captures: Mapping[str, Decimal] = MappingProxyType({})
    """By instrument, what was captured in that currency, and voided again."""
    paid_out: Decimal = ZERO
    """What went out in that currency in place of a credit that had gone out before, and was voided for it."""
    unread: AbstractSet[tuple[PaymentAction, str]] = frozenset()
    """What was done with amounts that cannot be read, and in which currency; without one, also with amounts that may be
    of any of several."""
    in_cash: Mapping[str, int] = MappingProxyType({})
    """By currency in which anything was done in cash, how often it was captured or refunded."""

    def is_read(self, action: PaymentAction, currency: str) -> bool:
        """Whether each amount of which that was done is in the sums; one without a currency may be of any."""
        return self.unread.isdisjoint({(action, currency), (action, "")})

    def balance(self, currency: str) -> Decimal | None:
        """What is due in a currency; None if the order's total in it is not known, or what was captured."""
        if currency != self.currency or self.grand_total is None or not self.is_read("captured", currency):
            return None
        return EXACT.subtract(self.grand_total, self.sums[currency]["captured"])

    def open_authorization(self, currency: str) -> Decimal:
        """What is authorized in a currency, and neither captured nor voided."""
        authorized, captured, voided, _ = (self.sums[currency][action] for action in _ACTIONS)
        return max(ZERO, EXACT.subtract(EXACT.subtract(authorized, captured), voided))

    def net(self, currency: str) -> Decimal:
        """What was captured in a currency and not given back."""
        sums = self.sums[currency]
        return EXACT.subtract(sums["captured"], sums["refunded"])

    def kept(self, price: Decimal) -> Decimal:
        """What was captured in that currency, and not voided again, and given back for nothing but goods: these are
        worth as much, but no more than all of this price, so it is none of what was taken beyond that."""
        return EXACT.add(self._unreturned(self.currency or ""), min(self.for_goods, price))

    def is_all_back(self, currency: str) -> bool:
        """Whether something was captured in a currency, and nothing of that is left, but for the slack."""
        if not (currency in self.sums and self.sums[currency]["captured"] and self.is_read("captured", currency)):
            return False
        return self._unreturned(currency) <= self.slack(currency)

    def _unreturned(self, currency: str) -> Decimal:
        """What was captured in a currency, and neither given back nor voided again."""
        kept = self.net(currency)
        if currency != (self.currency or ""):
            return kept
        for voided in self.voided_captures.values():
            kept = EXACT.subtract(kept, voided)
        return EXACT.add(kept, self.paid_out)

    def slack(self, currency: str) -> Decimal:
        """By how much two sums in a currency may differ and mean the same."""
        if currency not in self.in_cash:
            return noise(currency)
        return EXACT.multiply(rounding(currency), max(1, self.in_cash[currency]))


def money_of(payments: Mapping[str, Payment], currency: str | None, grand_total: str | None) -> Money:
    """Add up whatever has a readable amount; `currency` and `grand_total` are the order's."""
    sums: dict[str, Sums] = {}
    by_method: dict[str, dict[str, Sums]] = {}
    unread, in_cash = set[tuple[PaymentAction, str]](), Counter[str]()
    for action, said, *_ in payments.values():
        of, method = said.currency or "", said.payment_method or UNKNOWN
        if said.amount is None:
            unread.add((action, of))
            continue
        if _is_cash(said):
            in_cash[of] += action in _MOVES
        amount, methods = Decimal(said.amount), by_method.setdefault(of, {})
        for group, name in ((sums, of), (methods, method)):
            if (each := group.get(name)) is None:
                each = group[name] = NO_SUMS.copy()
            each[action] = EXACT.add(each[action], amount)
    if len(sums) > 1:
        unread |= {(action, "") for action, amount in sums.get("", {}).items() if amount}
    is_paid_in = currency is not None and any(payment.said.currency == currency for payment in payments.values())
    # what names no currency is of the order's, if that is known, and else of any
    judged = currency if is_paid_in or not sums else min(sums, key=lambda of: (currency is None and not of, of))
    total = Decimal(grand_total) if grand_total is not None and judged == currency else None
    return Money(sums, by_method, judged, total, unread=unread, in_cash=in_cash)


def _is_cash(said: Transaction) -> bool:
    """By what NewStore's own integrations tell it, which is the provider, or by the method."""
    ways = (said.payment_method, said.payment_provider)
    return any(way is not None and way.strip().lower() == _CASH for way in ways)


def payment_status(payments: Mapping[str, Payment], money: Money, *, order_ended: bool) -> str:
    """Return the first of the rules that holds, but for the noise of binary fractions. Compared is with what was
    authorized: cash is rounded, and imported payments may add up to anything."""
    if not payments:
        return "none"
    sums = money.sums.get(money.currency or "")
    if sums is None:
        return UNKNOWN
    authorized, captured, voided, refunded = (sums[action] for action in _ACTIONS)
    least = noise(money.currency)
    is_used_up = money.open_authorization(money.currency or "") <= least
    rules = (
        ("refunded", refunded > 0 and captured > 0 and EXACT.subtract(captured, refunded) <= least),
        ("partially_refunded", refunded > 0),
        ("captured", captured > 0 and (is_used_up or order_ended)),
        ("partially_captured", captured > 0),
        ("voided", authorized > 0 and voided > 0 and EXACT.subtract(authorized, voided) <= least),
        ("authorized", authorized > 0),
        ("voided", voided > 0),
        *_of_nothing(payments),
    )
    return next((status for status, holds in rules if holds), UNKNOWN)


def _of_nothing(payments: Mapping[str, Payment]) -> Iterable[tuple[str, bool]]:
    """The statuses of a free order: if every payment is known to be of 0, they say what was done and not how much."""
    actions = {payment.action for payment in payments.values()}
    is_free = all(payment.said.amount == NOTHING for payment in payments.values())
    return (("captured", is_free and "captured" in actions), ("authorized", is_free and "authorized" in actions))


def refunds_by_correlation(payments: Mapping[str, Payment]) -> dict[str, list[Transaction]]:
    """Return what went out by what it is for: the id of a return or of a refund request."""
    found: dict[str, list[Transaction]] = {}
    for said in _refunds(payments).values():
        if said.correlation_id is not None:
            found.setdefault(said.correlation_id, []).append(said)
    return found


def of_one_currency(refunds: Sequence[Transaction], currency: str | None) -> Sequence[Transaction]:
    """Return those that may be of a currency: none is added to another one. Where it is not known, the first that any
    of them has counts."""
    one = currency or min((each.currency for each in refunds if each.currency is not None), default=None)
    return [each for each in refunds if each.currency in {None, one}]


def unmatched_refunds(
    payments: Mapping[str, Payment], matched: Mapping[str, Sequence[Transaction]]
) -> list[structs.UnmatchedRefund]:
    """Return refunds that are for no known return and no known refund request, nor in its currency; `matched`: those
    that are, by its id."""
    known = {promise_id: {*refunds} for promise_id, refunds in matched.items()}
    return [
        structs.UnmatchedRefund(
            payment=key, amount=said.amount, currency=said.currency, correlation_id=said.correlation_id
        )
        for key, said in _refunds(payments).items()
        if said not in known.get(said.correlation_id or "", ())
    ]


def naming_nothing(unmatched: Iterable[Any], known: Container[str | None], for_another: Container[str]) -> list[Any]:
    """Return those that do not even name a return or refund request that is known, nor are `for_another` order's."""
    return [each for each in unmatched if each.correlation_id not in known and each.payment not in for_another]


def _refunds(payments: Mapping[str, Payment]) -> dict[str, Transaction]:
    return {key: payment.said for key, payment in payments.items() if payment.action == "refunded"}


def payment_documents(payments: Mapping[str, Payment]) -> dict[str, Any]:
    """Return the document's `payments`: behind its status, one has what its transaction has."""
    return {key: structs.Payment(action, *said) for key, (action, said, *_) in payments.items()}


def sum_documents(money: Money) -> dict[str, Any]:
    """Return the document's `payment_sums`."""
    return {currency: _sums(money, currency) for currency in sorted(money.sums)}


def _sums(money: Money, currency: str) -> Any:
    sums = money.sums[currency]
    return structs.PaymentSums(
        **_plain(sums),
        open_authorization=plain(money.open_authorization(currency)),
        net=plain(money.net(currency)),
        balance=plain_or_none(money.balance(currency)),
        by_method={
            method: structs.MethodSums(**_plain(of)) for method, of in sorted(money.by_method[currency].items())
        },
    )


def _plain(sums: Sums) -> dict[str, str]:
    return {action: plain(amount) for action, amount in sums.items()}
