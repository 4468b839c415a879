"""Returns and refund requests, and how many pieces of each item came back."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from processors.orders.payload import REFUND_REQUEST_FIELDS, RETURN_FIELDS, RETURNED_FIELDS
from processors.orders.render import structs
from processors.orders.render.listing import Listing, is_no_goods
from processors.orders.render.payments import Money, of_one_currency
from processors.orders.render.slack import noise
from processors.orders.said import Transaction
from processors.orders.slots import At, OrderSlots
from schemas.money import EXACT, NOTHING, ZERO, plain, plain_or_none, total_of

Refunds = Mapping[str, Sequence[Transaction]]

_ID, _TYPE = ([*RETURNED_FIELDS].index(name) for name in ("id", "item_type"))


def returned_pieces(slots: OrderSlots, listing: Listing) -> dict[str, int]:
    """Return by item id how many pieces came back; a line without a quantity is one piece."""
    counts: dict[str, int] = {}
    for _, line in returned_lines(slots, listing):
        counts[line["id"]] = counts.get(line["id"], 0) + (1 if line["quantity"] is None else line["quantity"])
    return counts


def returned_lines(slots: OrderSlots, listing: Listing) -> list[tuple[At, dict[str, Any]]]:
    """Return the lines of all returns that stand for pieces of an item, each with its return's fact."""
    lines = [(at, _line(fields)) for at, (_, of) in slots.returns.values() for fields in of]
    return [(at, line) for at, line in lines if _is_goods(line, listing)]


def has_unread_lines(slots: OrderSlots) -> bool:
    """Whether nothing can be read in some line of a return: nobody knows which item it is, or how many."""
    return any(line.count(None) == len(line) for _, (_, lines) in slots.returns.values() for line in lines)


def proves_shipment(slots: OrderSlots, listing: Listing) -> bool:
    """Whether a return is of more than shipping and gift wrapping. What nobody can read most likely is goods."""
    return len(returns_of_no_goods(slots, listing)) < len(slots.returns)


def returns_of_no_goods(slots: OrderSlots, listing: Listing) -> AbstractSet[At]:
    """Return the facts of returns of nothing but shipping and gift wrapping."""
    return {
        at
        for at, (_, lines) in slots.returns.values()
        if lines and all(_is_service(line[_ID], line[_TYPE], listing) for line in lines)
    }


def return_documents(
    slots: OrderSlots, listing: Listing, refunds: Refunds, assumed: str | None, *, unread: bool
) -> dict[str, Any]:
    """Return the document's `returns`. `refunds`: by correlation id. `assumed`: the currency of what names none. What
    is outstanding is null if `unread` (there may be more refunds), or if what a return gives back cannot be read."""
    unclear = {*slots.unclear}
    return {
        return_id: _return(fields, lines, listing, refunds.get(return_id, ()), assumed, unread=unread or at in unclear)
        for return_id, (at, (fields, lines)) in sorted(slots.returns.items())
    }


def refunded_for_goods(returns: Mapping[str, Any], refunds: Refunds, currency: str) -> Decimal:
    """Return what was refunded in a currency for these returns (documents by id), at most what each promises."""
    together = ZERO
    for return_id, said in returns.items():
        if said.refund_outstanding is None or said.refunded == NOTHING or said.currency not in {None, currency}:
            continue
        given = total_of(
            refund.amount
            for refund in refunds.get(return_id, ())
            if refund.amount is not None and (refund.currency or "") == currency
        )
        promised = EXACT.add(Decimal(said.refunded), Decimal(said.refund_outstanding))
        together = EXACT.add(together, max(ZERO, min(given, promised)))
    return together


def matched_refunds(owing: Mapping[str, Any], refunds: Refunds, assumed: str | None) -> Refunds:
    """Return by id the refunds for these returns and refund requests (documents), in the currency of each."""
    return {
        promise_id: of_one_currency(refunds[promise_id], promise.currency or assumed)
        for promise_id, promise in owing.items()
        if promise_id in refunds
    }


def refund_request_documents(
    slots: OrderSlots, refunds: Refunds, assumed: str | None, *, unread: bool
) -> dict[str, Any]:
    """Return the document's `refund_requests`; see `return_documents`."""
    found = {}
    for request_id, (_, fields) in sorted(slots.refund_requests.items()):
        said = dict(zip(REFUND_REQUEST_FIELDS, fields, strict=True))
        settled = _settled(said["amount"], said["currency"] or assumed, refunds.get(request_id, ()), unread=unread)
        found[request_id] = structs.RefundRequest(**said, **settled)
    return found


def _return(
    fields: list[Any],
    lines: list[list[Any]],
    listing: Listing,
    refunds: Sequence[Transaction],
    assumed: str | None,
    *,
    unread: bool,
) -> Any:
    said = dict(zip(RETURN_FIELDS, fields, strict=True))
    split: dict[bool, list[Any]] = {True: [], False: []}
    for line in map(_line, lines):
        split[_is_goods(line, listing)].append(structs.ReturnedItem(**line))
    settled = _settled(_promised(said), said["currency"] or assumed, refunds, unread=unread)
    return structs.Return(**said, items=split[True], unmapped=split[False], **settled)


def _promised(said: Mapping[str, str | None]) -> str | None:
    """What a return gives back: the adjusted amount, which is without the fee, else the total minus the fee. At least
    0: no event takes the rest of a greater fee from the customer."""
    if said["total_refund_amount_adjusted"] is not None or said["total_refund_amount"] is None:
        return said["total_refund_amount_adjusted"]
    return plain(max(ZERO, EXACT.subtract(Decimal(said["total_refund_amount"]), Decimal(said["return_fee"] or 0))))


def _settled(
    promised: str | None, currency: str | None, refunds: Sequence[Transaction], *, unread: bool
) -> dict[str, str | None]:
    """What was refunded, and what is outstanding. A refund without a currency is in that of the promise."""
    matched = of_one_currency(refunds, currency)
    amounts = [refund.amount for refund in matched]
    refunded = total_of(amount for amount in amounts if amount is not None)
    is_known = not unread and None not in amounts and (currency is not None or len(matched) == len(refunds))
    outstanding = EXACT.subtract(Decimal(promised), refunded) if is_known and promised is not None else None
    if outstanding is not None and refunded and outstanding.copy_abs() <= noise(currency):
        outstanding = ZERO  # the noise of binary fractions is no debt
    return {"refunded": plain(refunded), "refund_outstanding": plain_or_none(outstanding)}


def may_be_fee(said: Any, money: Money) -> bool:
    """Whether what is outstanding of a return (document) may be just its fee: it is as much, and the adjusted amount is
    the total, within the slack. NewStore sends an adjusted amount even if nobody adjusted anything, so nobody knows
    whether it is without the fee."""
    amounts = (said.total_refund_amount, said.total_refund_amount_adjusted, said.return_fee, said.refund_outstanding)
    if None in amounts or said.return_fee == NOTHING:
        return False
    whole, adjusted, fee, left = map(Decimal, amounts)
    slack = money.slack(said.currency or money.currency or "")
    return all(EXACT.subtract(*pair).copy_abs() <= slack for pair in ((whole, adjusted), (fee, left)))


def _line(fields: list[Any]) -> dict[str, Any]:
    return dict(zip(RETURNED_FIELDS, fields, strict=True))


def _is_goods(line: Mapping[str, Any], listing: Listing) -> bool:
    """Whether a line stands for pieces of an item. A line may refund shipping instead, and names no item then."""
    return line["id"] in listing.effective and not _is_service(line["id"], line["item_type"], listing)


def _is_service(item_id: str | None, item_type: str | None, listing: Listing) -> bool:
    """Whether the return or the order's list says that the line is no goods."""
    return is_no_goods(item_type) or item_id in listing.services
