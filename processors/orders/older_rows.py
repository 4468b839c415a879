"""Rows of other versions. What an older row kept of each fact is joined into slots, until the fact's event is read from
raw again. Rows of a newer version are left to that version."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson

from processors.orders import row as current
from processors.orders.canonical import event_of, place_of
from processors.orders.events import IN_REQUEST, PAYMENT_ACTION, bit_of
from processors.orders.joining import join, unite_shown
from processors.orders.older_texts import reread_texts
from processors.orders.payload import LISTED_FIELDS, REFUND_REQUEST_FIELDS, RETURN_FIELDS, Reader, said_of
from processors.orders.row import FIRST_VERSION, RULES_VERSION, Row, StoredFact, Summary
from processors.orders.slots import At, ItemSlots, OrderSlots
from processors.orders.values import unsigned
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.routing import order_id_of

_JSON: Final = b"{"
"""How a row of the first version begins. It is JSON lines: the order, then for each fact, in canonical order, the
fields that this version read."""
_READ_FURTHER: Final = frozenset(
    {
        "order.created",
        "order.opened",
        "order.items_cancelled",
        "order.shipped",
        "order.completed",
        "order.cancelled",
        "fulfillment_request.items_completed",
        "return.processed",
    }
)
"""Events of which rows of versions 2 and 3 lack something that these rules read: whether a list or a return is clear,
how many pieces the event names, and what it says of each."""
_ENDS: Final = frozenset({"order.shipped", "order.completed", "order.cancelled"})
"""Events of which rows of version 4 lack how many pieces of an item each sends and cancels."""
_LACKS_ENDS: Final = 4
_LACKS_TIMES: Final = 5
"""The last version that did not read logical timestamps of more than 18 digits. Rows of later ones lack nothing."""
_QUANTITY: Final = [*LISTED_FIELDS].index("quantity")

_ARRAY: Final = 0x90
_LONG_ARRAY: Final = 0xDC
"""How MessagePack begins an array of up to 15 members, and a longer one. A row's first member is its version."""


class NewerRowError(Exception):
    """A later version wrote the row. Writing it anew would lose, unnoticed, what only that version knows."""


def is_older(row: bytes) -> bool:
    """Say whether the row is of an older version, in its form or in what it knows."""
    return _version(row) < RULES_VERSION


def is_newer(row: bytes) -> bool:
    """Say whether a later version wrote the row."""
    return _version(row) > RULES_VERSION


def load(row: bytes) -> Row:
    """Read a row of this version or of an older one. NewerRowError: it is of a later one."""
    if row.startswith(_JSON):
        return _converted(row)
    require_known(row)
    order = current.load(row)
    if order.version < RULES_VERSION:
        _take_signs_off(order.slots)
        reread_texts(order.slots)
        _list_unread_payments(order)
    if order.version != FIRST_VERSION and not _lacking(order):
        order.version = RULES_VERSION
    return order


def _take_signs_off(slots: OrderSlots) -> None:
    """Older rows kept amounts of returns and refund requests as events had them, some with a minus. Raw may have lost
    these events."""
    for _, fields in slots.refund_requests.values():
        _without_sign(fields, REFUND_REQUEST_FIELDS)
    for _, (fields, _lines) in slots.returns.values():
        _without_sign(fields, RETURN_FIELDS)


def _without_sign(fields: list[Any], readers: Mapping[str, Reader]) -> None:
    for number, read in enumerate(readers.values()):
        if read is unsigned:
            fields[number] = unsigned(fields[number])


def _list_unread_payments(order: Row) -> None:
    """Add payment events in which no transaction could be read: up to version 7 a row kept nothing of them."""
    known = {*order.unread, *order.lost, *(at for by_fact in order.slots.payments.values() for at in by_fact)}
    places = order.places
    for at, place in enumerate(places):
        if at not in known and (event := event_of(place)) in PAYMENT_ACTION:
            join(order.slots, event, said_of(event, {}), at, places)


def require_known(row: bytes) -> None:
    """NewerRowError: a later version wrote the row."""
    if is_newer(row):
        raise NewerRowError(f"the order's row is of version {_version(row)}, this worker knows {RULES_VERSION}")


def _version(row: bytes) -> int:
    """The version that the row states; this one if it states none, which `current.load` then refuses."""
    if row.startswith(_JSON):
        return FIRST_VERSION
    if row[0] & 0xF0 == _ARRAY:
        return row[1]
    return row[3] if row[0] == _LONG_ARRAY else RULES_VERSION


def summary_of(row: bytes) -> Summary | None:
    """Read only a row's summary. NewerRowError: a later version wrote the row."""
    return load(row).summary if row.startswith(_JSON) or is_newer(row) else current.summary_of(row)


def unread_sources(row: bytes) -> list[str]:
    """Return the raw records of the events to be read again, without events that come again by themselves."""
    order = load(row)
    return [order.facts[at].source for at in _lacking(order)]


def _lacking(order: Row) -> Sequence[At]:
    """The facts whose events say what the order lacks. After a migration, unread facts come again by themselves, and
    then say everything."""
    if order.version == FIRST_VERSION:
        return order.unread
    if order.version > _LACKS_TIMES:
        return ()
    events, left_out = _to_be_read(order), {*order.unread, *order.lost}
    timed = {at for request in order.slots.requests.values() for at in request.turns}
    return [
        at
        for at, fact in enumerate(order.facts)
        if at not in left_out
        and ((event := event_of(fact.place)) in events or (at not in timed and bit_of(event) & IN_REQUEST))
    ]


def _to_be_read(order: Row) -> Collection[str]:
    """The names of events of which the order's version kept less, whatever they say."""
    if order.version < _LACKS_ENDS:
        return _READ_FURTHER
    has_pieces = order.version == _LACKS_ENDS and not all(map(_is_one_piece, order.slots.items.values()))
    return _ENDS if has_pieces else ()


def _is_one_piece(item: ItemSlots) -> bool:
    """Whether order.opened calls the item one piece. A later list that says otherwise is not foreseen."""
    return item.opened is not None and bool(item.opened[1][_QUANTITY] == 1)


def read_again(order: Row, asked: Collection[str], bodies: Mapping[str, bytes]) -> None:
    """Bring an order that `load` has read up to this version. `asked` are the sources that were asked for, which were
    the row's `unread_sources` then; `bodies` has those that raw still has. Facts that came since lack nothing."""
    places, those = order.places, {*asked}
    for at in _lacking(order):
        fact = order.facts[at]
        if fact.source not in those:
            continue
        try:
            envelope = read_envelope(bodies[fact.source])
        except (KeyError, InvalidEnvelope):  # too old for raw, or from before there was a bound on structure
            order.lost = [*order.lost, at]
            continue
        event, payload = event_of(fact.place), envelope.payload
        if (envelope.name, order_id_of(event, payload)) == (event, order.order_id):
            join(order.slots, event, said_of(event, payload), at, places)
        else:  # raw was made anew since: another event is there
            order.lost = [*order.lost, at]
    if order.version == FIRST_VERSION:
        order.unread = []
    order.version = RULES_VERSION
    unite_shown(order.slots)


def _converted(row: bytes) -> Row:
    head, *data = row.split(b"\n")
    order = orjson.loads(head)
    summary = order["summary"]
    made = Row(
        FIRST_VERSION,
        order["order_id"],
        order["tenant"],
        summary=Summary(summary["status"], summary["provisional"], summary["incomplete"]) if summary else None,
        unread=list(range(len(data))),
        unprocessed=order["unprocessed"],
    )
    places: list[str] = []
    for (event, key, instant, payload_hash, received_at, source, conflict), said in zip(
        order["facts"], data, strict=True
    ):
        places.append(place_of(instant, event, key, payload_hash))
        made.facts.append(StoredFact(places[-1], received_at, source, conflict))
        kept = None if event in PAYMENT_ACTION else said_of(event, orjson.loads(said))  # payments were not kept
        join(made.slots, event, kept, len(places) - 1, places)
    return made
