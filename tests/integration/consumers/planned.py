"""Made-up order states and order events, with what is odd about real ones. Every third transaction is to be aborted."""

import itertools
import json
from collections.abc import Iterator

from tests.integration.consumers.transactions import Row, Transaction

_ORDERS = (*(f"order-{number}" for number in range(9)), "odd ö😀/=:#!\\ \n\t")
_AMOUNTS = (19.99, 58, 4.94, 0.1, 0.2, 0.7, 1234567.89, 0)
_BIGGEST = (8 << 20) - (128 << 10)  # the largest body that the ingress takes by default


def order_states() -> Iterator[Transaction]:
    """Each transaction has a new state, or the deletion, of every order; aborted ones have an order of their own."""
    for number in itertools.count(1):
        commits = number % 3 != 0
        rows = [
            Row(order, None if (number + place) % 5 == 0 else _state(order, number))
            for place, order in enumerate(_ORDERS)
        ]
        aborted_only = [] if commits else [Row(f"aborted-{number}", _state(f"aborted-{number}", number))]
        yield Transaction([*rows, *aborted_only], commits)


def biggest_state() -> Transaction:
    """Larger than a client's default for the bytes that it fetches of one partition."""
    return Transaction([Row("big", _state("big", 1, note="x" * _BIGGEST))], commits=True)


def _state(order: str, version: int, **more: str) -> bytes:
    state = {"order_id": order, "version": version, "grand_total": "4.94", "field_of_tomorrow": [{}, 0.10], **more}
    return json.dumps(state, ensure_ascii=False).encode()


def order_events() -> Iterator[Transaction]:
    """Created orders with amounts that are no binary fractions, a conflict, and events that nobody expects."""
    for number in itertools.count(1):
        rows = [_event("order.created", f"{number}-{amount}", grand_total=amount) for amount in _AMOUNTS]
        rows += [
            _event("order.created", f"{number}-conflict", {"bridge_conflict": b"true"}, grand_total=1000),
            _event("order.created", f"{number}-incomplete"),
            _event("order.teleported", f"{number}-unknown", grand_total=1000),
        ]
        yield Transaction(rows, commits=number % 3 != 0)


def _event(name: str, order: str, more: dict[str, bytes] | None = None, **payload: float) -> Row:
    envelope = {"tenant": "acme", "name": name, "payload": {"id": order, "currency": "EUR", **payload}}
    headers = {"ce_id": f"acme/{name}/{order}".encode(), "ce_type": name.encode(), **(more or {})}
    return Row(order, json.dumps(envelope).encode(), headers)
