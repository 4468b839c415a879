"""Facts for tests: built as the bridge builds them, from a body through acceptance and cleaned headers."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from processors.orders.apply import OrderRules, apply
from processors.orders.canonical import parts_of
from processors.orders.fact import Fact, fact_of
from processors.orders.row import RULES_VERSION, dump, load
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable

ORDER_ID = "order-1"
TENANT = "demo-tenant"
TABLE = KeyTable.shipped()
EVERYTHING = OrderRules()
LIVES = Path(__file__).parent / "lives"
ARRIVAL = {"received_at", "source", "revision", "first_received_at", "last_received_at"}
METHODS = ("credit_card", "gift_card", "store_credit", "cash")

Json = dict[str, Any]


def cleaned(body: bytes, *, received_at_ms: int = 0, source: str = "0:0") -> tuple[bytes, dict[str, bytes]]:
    """Return value and headers of the cleaned record that `body` becomes."""
    accepted = accept(
        body,
        content_encoding=None,
        tenant=TENANT,
        table=TABLE,
        received_at_ms=received_at_ms,
        traceparent=None,
    )
    assert isinstance(accepted, Accepted)
    return accepted.value, {**dict(accepted.headers), header.SOURCE: source.encode()}


def fact(event: str, at: object = "2024-05-01T10:00:00Z", *, n: int = 0, **payload: Any) -> Fact:
    """Return the fact of an event of the order under test, the `n`th that the bridge received."""
    own_id = ORDER_ID if event.startswith("order.") else f"{event}-id"
    body = {
        "tenant": TENANT,
        "name": event,
        "published_at": at,
        "payload": {"id": own_id, "order_id": ORDER_ID, **payload},
    }
    made = fact_of(*cleaned(json.dumps(body).encode(), received_at_ms=n, source=f"0:{n}"))
    assert made is not None
    return made


def payload_hash(of: Fact) -> str:
    """Return the hash that tells facts under one key apart."""
    return parts_of(of.place).payload_hash


def clock(second: int) -> str:
    """Return the instant that many seconds into the order's life."""
    return f"2024-05-01T10:{second // 60:02d}:{second % 60:02d}Z"


def items(*ids: str, **fields: Any) -> list[Json]:
    """Return a payload's `items` that name these ids."""
    return [{"id": item_id, "product_id": f"product-{item_id}", **fields} for item_id in ids]


def request(action: str, second: int, *ids: str, request_id: str = "request-1", **fields: Any) -> Fact:
    """Return an event of a fulfilment request that names items."""
    name = f"fulfillment_request.{action}"
    return fact(name, clock(second), id=request_id, logical_timestamp=second, items=items(*ids), **fields)


def transaction(transaction_id: object, amount: object, method: str = "credit_card", **fields: Any) -> Json:
    """Return a transaction of `amount` euros, unless `fields` say otherwise."""
    return {"id": transaction_id, "amount": amount, "currency": "EUR", "instrument_id": f"the-{method}", **fields}


def payment(action: str, second: int, *transactions: Json) -> Fact:
    """Return an event of the payment account: authorized, captured, voided or refunded."""
    instruments = [{"id": f"the-{method}", "payment_method": method} for method in METHODS]
    name = f"payment_account.amount_{action}"
    return fact(name, clock(second), id=ORDER_ID, transactions=list(transactions), instruments=instruments)


def paid(action: str, second: int, transaction_id: str, amount: object, **fields: Any) -> Fact:
    """Return an event of the payment account with one transaction."""
    return payment(action, second, transaction(transaction_id, amount, **fields))


def back(return_id: str, second: int, *lines: Json, **fields: Any) -> Fact:
    """Return a return with these lines."""
    return fact("return.processed", clock(second), id=return_id, items=list(lines), **fields)


def pieces(item_id: str, quantity: int = 1, **fields: Any) -> Json:
    """Return a line of a return: so many pieces of an item."""
    return {"id": item_id, "product_id": f"product-{item_id}", "quantity": quantity, "item_type": "product", **fields}


def state_of(*facts: Fact, rules: OrderRules = EVERYTHING) -> Json:
    """Return the state of an order that has these facts, read in this order."""
    state: Json = orjson.loads(apply(None, facts, rules).state)
    return state


def state_of_row(row: bytes) -> Json:
    """Return the document of a row."""
    state: Json = orjson.loads(apply(row, [], EVERYTHING).state)
    return state


def statuses(state: Json) -> dict[str, str]:
    """Return the status of each item."""
    return {item_id: item["status"] for item_id, item in state["items"].items()}


def life(name: str) -> list[Fact]:
    """Return the facts of an order that is kept as a list of envelopes, in the order in which they happened."""
    envelopes = json.loads((LIVES / f"{name}.json").read_text())
    made = [fact_of(*cleaned(json.dumps(each).encode(), source=f"0:{n}")) for n, each in enumerate(envelopes)]
    return [each for each in made if each is not None]


def of_a_later_version(row: bytes) -> bytes:
    """Return a row as if the next version's worker had written it."""
    order = load(row)
    order.version += 1
    return dump(order)


def of_an_earlier_version(row: bytes) -> bytes:
    """Return a row as if the version before had written it."""
    order = load(row)
    assert order.summary is not None
    order.version, order.summary = RULES_VERSION - 1, replace(order.summary, rules=RULES_VERSION - 1)
    return dump(order)


def without_arrival(state: Any) -> Any:
    """Return a document without what depends on when and how often its facts arrived."""
    if isinstance(state, dict):
        return {name: without_arrival(part) for name, part in state.items() if name not in ARRIVAL}
    return [without_arrival(part) for part in state] if isinstance(state, list) else state


def in_any_order(*facts: Fact) -> Json:
    """Return the state of these facts, which must be the same if they arrive backwards."""
    state = state_of(*facts)
    backwards = without_arrival(state_of(*reversed(facts)))
    assert backwards == without_arrival(state)
    assert orjson.dumps(backwards) == orjson.dumps(without_arrival(state)), "its parts are in the same order, too"
    return state


def counts(state: Json) -> dict[str, int]:
    """Return the number of items by status, without zeros."""
    counted = {status: count for status, count in state["item_counts"].items() if count}
    assert counted == Counter(statuses(state).values())
    return counted


def kinds(state: Json) -> list[str]:
    """Return the kinds of contradictions, sorted."""
    return sorted(each["kind"] for each in state["contradictions"])


def contradiction(state: Json, kind: str) -> tuple[str | None, list[str]]:
    """Return subject and events, in canonical order, of the one contradiction of a kind."""
    [found] = [each for each in state["contradictions"] if each["kind"] == kind]
    return found["subject"], [each["event"] for each in found["facts"]]


def attention(state: Json) -> set[tuple[str, str]]:
    """Return kind and subject of all that somebody should look at."""
    found = [(each["kind"], each["subject"]) for each in state["attention"]]
    assert len(found) == len(set(found))
    return set(found)
