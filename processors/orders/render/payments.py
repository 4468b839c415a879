"""Payments: each step of each transaction once, sums by currency and by method, and what the sums mean."""

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
"""Actions that are rounded one by one if they are in cash."""

Sums = dict[PaymentAction, Decimal]
NO_SUMS: Final[Sums] = dict.fromkeys(_ACTIONS, ZERO)


class Payment(NamedTuple):
    """One step (`action`) of one transaction. Each field is from the latest fact that states it. `facts`: all facts of
    the step if they differ in what tells payments apart, else none. `place`: that of the step's first fact."""

    action: PaymentAction
    said: Transaction
    facts: list[int]
    place: Place

    def moves(self, action: PaymentAction) -> bool:
        """Whether the payment is of this action, and of more than 0. An amount that nobody can read counts as more."""
        return self.action == action and self.said.amount != NOTHING


def payments_of(slots: OrderSlots, places: Places) -> dict[str, Payment]:
    """Return the payments by `<action>:<transaction id>`: all that facts say of one step is one payment. If its own
    events do not say how it was paid, other events may."""
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
    if untold:  # in few orders: this goes through all that facts say of payments
        instruments = known_instruments(slots, places)
        for key in untold:
            found[key] = found[key]._replace(said=by_its_instrument(found[key].said, instruments))
    return found


def _together(said: Sequence[Transaction]) -> Transaction:
    """Join what facts say of one step. How it was paid counts only from facts that name its instrument."""
    instrument = _last_known([each.instrument_id for each in said])
    own = [each if each.instrument_id == instrument else each._replace(**_OF_NO_INSTRUMENT) for each in said]
    return Transaction(*map(_last_known, zip(*own, strict=True)))


def _last_known(values: Sequence[str | None]) -> str | None:
    return next((value for value in reversed(values) if value is not None), None)


class Money(NamedTuple):
    """Sums by currency, and by method within a currency. `currency`: the order's if anything was paid in it, else the
    currency by which the order is judged."""

    sums: dict[str, Sums]
    by_method: dict[str, dict[str, Sums]]
    currency: str | None
    grand_total: Decimal | None
    """In `currency`; None if that is not the order's."""
    for_goods: Decimal = ZERO
    """What was refunded for returns in `currency`, for each at most what it promises."""
    voided_captures: Mapping[str, Decimal] = MappingProxyType({})
    """By instrument, how much was captured in `currency` and voided again."""
    paid_out: Decimal = ZERO
    """What went out in `currency` in place of credits that had gone out before and were voided."""
    unread: AbstractSet[tuple[PaymentAction, str]] = frozenset()
    """Actions and currencies of amounts that cannot be read. Also of amounts without a currency ("") beside payments
    that have one: they may be of any currency."""
    in_cash: Mapping[str, int] = MappingProxyType({})
    """By currency with payments in cash, how many of these are captures or refunds."""

    def is_read(self, action: PaymentAction, currency: str) -> bool:
        """Whether a currency's sums have all amounts of an action. An amount without a currency may be of any."""
        return self.unread.isdisjoint({(action, currency), (action, "")})

    def balance(self, currency: str) -> Decimal | None:
        """The grand total minus the captures in a currency; None if the total in it, or a capture, is not known."""
        if currency != self.currency or self.grand_total is None or not self.is_read("captured", currency):
            return None
        return EXACT.subtract(self.grand_total, self.sums[currency]["captured"])

    def open_authorization(self, currency: str) -> Decimal:
        """What is authorized in a currency and neither captured nor voided; at least 0."""
        authorized, captured, voided, _ = (self.sums[currency][action] for action in _ACTIONS)
        return max(ZERO, EXACT.subtract(EXACT.subtract(authorized, captured), voided))

    def net(self, currency: str) -> Decimal:
        """What was captured in a currency minus what was refunded."""
        sums = self.sums[currency]
        return EXACT.subtract(sums["captured"], sums["refunded"])

    def kept(self, price: Decimal) -> Decimal:
        """What the shop keeps of the captures in `currency`. Refunds for returned goods count as kept, up to `price`:
        the goods are worth as much, but no more than the whole price. So these refunds give back nothing of what was
        taken beyond the price."""
        return EXACT.add(self._unreturned(self.currency or ""), min(self.for_goods, price))

    def is_all_back(self, currency: str) -> bool:
        """Whether something was captured in a currency, all of it readable, and nothing is left of it beyond the
        slack."""
        if not (currency in self.sums and self.sums[currency]["captured"] and self.is_read("captured", currency)):
            return False
        return self._unreturned(currency) <= self.slack(currency)

    def _unreturned(self, currency: str) -> Decimal:
        """What was captured in a currency and neither refunded nor voided again. A refund in place of a voided credit
        does not count a second time."""
        kept = self.net(currency)
        if currency != (self.currency or ""):
            return kept
        for voided in self.voided_captures.values():
            kept = EXACT.subtract(kept, voided)
        return EXACT.add(kept, self.paid_out)

    def slack(self, currency: str) -> Decimal:
        """How far two sums in a currency may differ and count as equal."""
        if currency not in self.in_cash:
            return noise(currency)
        return EXACT.multiply(rounding(currency), max(1, self.in_cash[currency]))


def money_of(payments: Mapping[str, Payment], currency: str | None, grand_total: str | None) -> Money:
    """Add up all readable amounts; `currency` and `grand_total` are the order's."""
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
    # a payment without a currency is in the order's, if that is known, else in any
    judged = currency if is_paid_in or not sums else min(sums, key=lambda of: (currency is None and not of, of))
    total = Decimal(grand_total) if grand_total is not None and judged == currency else None
    return Money(sums, by_method, judged, total, unread=unread, in_cash=in_cash)


def _is_cash(said: Transaction) -> bool:
    """Whether a payment is in cash: by its method, or by its provider, as NewStore's own integrations say it."""
    ways = (said.payment_method, said.payment_provider)
    return any(way is not None and way.strip().lower() == _CASH for way in ways)


def payment_status(payments: Mapping[str, Payment], money: Money, *, order_ended: bool) -> str:
    """Return the first status whose rule holds, allowing for the noise of binary fractions. Rules compare with what was
    authorized, not with the price: cash is rounded, and imported payments may add up to anything."""
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
    """The rules of a free order, if every payment is known to be 0: they look at actions, not at amounts."""
    actions = {payment.action for payment in payments.values()}
    is_free = all(payment.said.amount == NOTHING for payment in payments.values())
    return (("captured", is_free and "captured" in actions), ("authorized", is_free and "authorized" in actions))


def refunds_by_correlation(payments: Mapping[str, Payment]) -> dict[str, list[Transaction]]:
    """Return refunds by what they are for: the id of a return or refund request."""
    found: dict[str, list[Transaction]] = {}
    for said in _refunds(payments).values():
        if said.correlation_id is not None:
            found.setdefault(said.correlation_id, []).append(said)
    return found


def of_one_currency(refunds: Sequence[Transaction], currency: str | None) -> Sequence[Transaction]:
    """Return the refunds of a currency and those without one: currencies are never added up. If `currency` is None, the
    alphabetically first one that a refund names counts."""
    one = currency or min((each.currency for each in refunds if each.currency is not None), default=None)
    return [each for each in refunds if each.currency in {None, one}]


def unmatched_refunds(
    payments: Mapping[str, Payment], matched: Mapping[str, Sequence[Transaction]]
) -> list[structs.UnmatchedRefund]:
    """Return refunds that are for no known return or refund request, or are in another currency than it. `matched`: the
    other refunds, by the id of what they are for."""
    known = {promise_id: {*refunds} for promise_id, refunds in matched.items()}
    return [
        structs.UnmatchedRefund(
            payment=key, amount=said.amount, currency=said.currency, correlation_id=said.correlation_id
        )
        for key, said in _refunds(payments).items()
        if said not in known.get(said.correlation_id or "", ())
    ]


def naming_nothing(unmatched: Iterable[Any], known: Container[str | None], for_another: Container[str]) -> list[Any]:
    """Return the unmatched refunds that name nothing `known`, and that are not in `for_another`: refunds for another
    order, and credits that were voided as a whole."""
    return [each for each in unmatched if each.correlation_id not in known and each.payment not in for_another]


def _refunds(payments: Mapping[str, Payment]) -> dict[str, Transaction]:
    return {key: payment.said for key, payment in payments.items() if payment.action == "refunded"}


def payment_documents(payments: Mapping[str, Payment]) -> dict[str, Any]:
    """Return the document's `payments`: each has its action as status, and its transaction's fields."""
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
