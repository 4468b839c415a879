"""Ids by which an order is found, besides its own: all that any of its facts named."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, Final

from processors.orders.fact import Fact
from processors.orders.row import Row
from processors.orders.said import Listed, RefundRequested, Requested, Returned, Said, Transaction
from processors.orders.slots import OrderSlots

# Keys of rows hold these words.
EXTERNAL: Final = "external"
REQUEST: Final = "request"
RETURN: Final = "return"
REFUND_REQUEST: Final = "refund_request"
TRANSACTION: Final = "transaction"
TRACKING: Final = "tracking"
EXCHANGE_OF: Final = "exchange_of"
"""The order that this one is in exchange for."""
EXCHANGE_RETURN: Final = "exchange_return"
"""The return that this one is in exchange for."""

Id = tuple[str, str]
"""The id's kind, and the id as a fact has it."""


def normalised(kind: str, text: str) -> str:
    """Return the form in which an id is looked up: people type external ids without leading zeros, in either case."""
    return text.strip().lstrip("0").casefold() if kind == EXTERNAL else text


def ids_of(said: Said, key: str) -> Sequence[Id]:
    """Return the ids in what a fact says. `key` is its key string, the id of what has none of its own, as in slots."""
    reader = _READERS.get(type(said))
    return () if reader is None else reader(said, key)


def new_ids(order: Row, facts: Iterable[Fact]) -> Sequence[Id]:
    """Return the ids in these facts that the order lacks. The facts must not be joined yet."""
    taken = (fact for fact in facts if fact.received_at >= order.forgotten_until)  # as `Row.takes`
    named = {each: None for fact in taken for each in ids_of(fact.said, fact.key)}
    known = {kind: _KNOWN[kind](order.slots) for kind in {kind for kind, _ in named}}
    return [(kind, text) for kind, text in named if text not in known[kind]]


def ids_in(slots: OrderSlots) -> Sequence[Id]:
    """Return all ids that slots have."""
    return [
        *((EXTERNAL, each) for each in slots.external_ids),
        *((REQUEST, each) for each in slots.requests),
        *((RETURN, each) for each in slots.returns),
        *((REFUND_REQUEST, each) for each in slots.refund_requests),
        *((TRANSACTION, each) for each in _transaction_ids(slots)),
        *((TRACKING, each) for each in slots.tracking_codes),
        *((EXCHANGE_OF, each) for each in slots.exchange_orders),
        *((EXCHANGE_RETURN, each) for each in slots.exchange_returns),
    ]


def _listing(said: Listed, _key: str) -> Sequence[Id]:
    external = said.fields.get("external_id")
    found = [] if external is None else [(EXTERNAL, external)]
    for order_id, return_id in said.exchanges or ():
        found += [(EXCHANGE_OF, order_id)] if order_id is not None else []
        found += [(EXCHANGE_RETURN, return_id)] if return_id is not None else []
    return found


def _requested(said: Requested, key: str) -> Sequence[Id]:
    return [(REQUEST, said.id or key), *((TRACKING, each[2]) for each in said.items.values() if each[2] is not None)]


def _transactions(said: Sequence[Transaction], key: str) -> Sequence[Id]:
    return [(TRANSACTION, each.id or f"{key}#{number}") for number, each in enumerate(said)]


def _returned(said: Returned, key: str) -> Sequence[Id]:
    return [(RETURN, said.id or key)]


def _refund_requested(said: RefundRequested, key: str) -> Sequence[Id]:
    return [(REFUND_REQUEST, said.id or key)]


_READERS: Final[Mapping[type, Callable[[Any, str], Sequence[Id]]]] = {
    Listed: _listing,
    Requested: _requested,
    list: _transactions,
    Returned: _returned,
    RefundRequested: _refund_requested,
}


def _transaction_ids(slots: OrderSlots) -> Mapping[str, None]:
    return dict.fromkeys(key.partition(":")[2] for key in slots.payments)


_KNOWN: Final[Mapping[str, Callable[[OrderSlots], Container[str]]]] = {
    EXTERNAL: lambda slots: {*slots.external_ids},
    REQUEST: lambda slots: slots.requests,
    RETURN: lambda slots: slots.returns,
    REFUND_REQUEST: lambda slots: slots.refund_requests,
    TRANSACTION: _transaction_ids,
    TRACKING: lambda slots: {*slots.tracking_codes},
    EXCHANGE_OF: lambda slots: {*slots.exchange_orders},
    EXCHANGE_RETURN: lambda slots: {*slots.exchange_returns},
}
"""Not lists, which are slow to search: a fact may name a hundred thousand ids."""
