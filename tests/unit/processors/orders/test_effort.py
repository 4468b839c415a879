"""The cost of an event grows in proportion to its body. It is joined in one go, on the loop that serves all partitions.

Bodies have megabytes. One that took a minute would end each worker that reads it, again and again.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from processors.orders import row
from processors.orders.apply import OrderRules, apply, lines_of, looked_at, mark_late, state_of
from processors.orders.events import BIT, OTHER_REQUEST
from processors.orders.fact import Fact, fact_of
from processors.orders.gaps import gaps_of
from processors.orders.older_rows import load
from processors.orders.render import document, self_named
from processors.orders.render.slack import in_least_units
from processors.worker.console.order.page import order_page, own_entries
from processors.worker.queries.one_order import awaited
from schemas.order_state import OrderState
from tests.unit.processors.orders.effort import Effort, counted, effort
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, Json, cleaned, clock

pytestmark = pytest.mark.thorough

FEW, MANY = 60, 240
MOST = 6
"""Four times as much may cost so many times as much: n log n does, n * n costs 16 times."""
RULES = OrderRules(writes_lines=True)
CUT = OrderRules(writes_lines=True, document_bytes=2_000, withholds_customer=True)
LATE_MS = 4_102_444_800_000
NAMES = [*(BIT.keys() - {OTHER_REQUEST}), "fulfillment_request.rerouted"]

Event = tuple[str, Json]
Make = Callable[[int], Sequence[Event]]

HEAD: Final[Json] = {"currency": "EUR", "grand_total": 100, "price_method": "tax_included", "service_level": "EXPRESS"}
_PRICES: Final = {"list_price": 1, "item_discounts": 0, "order_discounts": 0, "tax": 0, "quantity": 1}
_MEMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "items": {
        **dict.fromkeys(("id", "product_id", "carrier", "tracking_code", "cancellation_reason", "new_id"), "{}"),
        **dict.fromkeys(("fulfillment_location_id", "shipping_service_level", "return_reason"), "{}"),
        "status": "cancelled",
        "shipped_at": "2024-05-01T10:00:00Z",
        **_PRICES,
    },
    "exchanges": {"order_id": "order-{}", "return_id": "{}"},
    "transactions": {
        **dict.fromkeys(("id", "currency", "correlation_id"), "{}"),
        "instrument_id": "by-{}",
        "amount": "2.50",
    },
    "instruments": {"id": "by-{}", "payment_method": "method-{}", "payment_provider": "provider-{}"},
    "extended_attributes": {"name": "{}", "value": "{}"},
    "discounts": {"coupon_code": "{}"},
}
"""Members of a payload's lists. Braces stand for what tells members apart."""


def members(name: str, ids: Sequence[str], **fields: Any) -> list[Json]:
    """Return a list of a payload, with one member for each of these ids."""
    member = {**_MEMBERS[name], **fields}
    return [{field: said.format(each) if type(said) is str else said for field, said in member.items()} for each in ids]


def numbered(count: int, prefix: str = "") -> list[str]:
    """Return so many ids."""
    return [f"{prefix}{number:07d}" for number in range(count)]


def body(ids: Sequence[str]) -> Json:
    """Return a payload with all lists and maps, each with so many members."""
    maps = {"billing_address": dict.fromkeys(ids, 1), **{f"{each}_{at}_id": each for at, each in enumerate(ids)}}
    return {**HEAD, **{name: members(name, ids) for name in _MEMBERS}, **maps}


def pay(action: str, count: int, **fields: Any) -> Event:
    """Return an event of so many transactions."""
    said = {name: members(name, numbered(count)) for name in ("instruments",)}
    return f"payment_account.amount_{action}", {
        "transactions": members("transactions", numbered(count), **fields),
        **said,
    }


def paid_in_each(*actions: str, **fields: Any) -> Make:
    """Return a maker of events with so many transactions, each in a currency of its own."""
    return lambda count: [pay(action, count, **fields) for action in actions]


def swapped_in_a_row(count: int) -> Sequence[Event]:
    """Swap each listed item for another one, which was swapped for the next listed one before."""
    listed, others = numbered(count, "a"), numbered(count, "b")
    before = [{"id": old, "new_id": new} for old, new in zip(others, listed[1:], strict=False)]
    after = [{"id": old, "new_id": new} for old, new in zip(listed, others, strict=True)]
    return [
        ("order.items_swapped", {"items": before}),
        ("order.created", {**HEAD, "items": members("items", listed)}),
        ("order.items_swapped", {"items": after}),
    ]


def returned(count: int, currency: str, amount: str = "5") -> list[Event]:
    """Return so many returns."""
    each: Json = {"total_refund_amount": amount, "return_fee": "unreadable", "items": [{"id": "A"}]}
    return [
        ("return.processed", {**each, "id": f"ret-{at}", "currency": currency.format(at)}) for at in numbered(count)
    ]


COMBINATIONS: Final[Mapping[str, Make]] = {
    "each currency captured": paid_in_each("authorized", "captured"),
    "each currency paid back": paid_in_each("authorized", "captured", "refunded"),
    "each currency paid back twice": paid_in_each("captured", "refunded", "voided", amount="{}1"),
    "authorizations of nobody": paid_in_each("authorized", "captured", "refunded", instrument_id=None),
    "amounts that cannot be read": paid_in_each("captured", "refunded", amount="much"),
    "one currency": paid_in_each("authorized", "captured", "voided", "refunded", currency="EUR"),
    "refunds that name themselves": lambda count: [
        ("order.opened", {**HEAD, "items": members("items", ["A"])}),
        *returned(1, "EUR"),
        pay("captured", count, currency="EUR"),
        pay("refunded", count, currency="EUR", id="x-{}"),
    ],
    "a return, and refunds for it": lambda count: [
        *returned(1, "EUR"),
        pay("refunded", count, correlation_id=f"ret-{numbered(1)[0]}", currency="EUR"),
    ],
    "an exchange, and refunds for what it is for": lambda count: [
        ("order.created", {**HEAD, "is_exchange": True, "exchanges": members("exchanges", numbered(count))}),
        *paid_in_each("authorized", "captured", "voided", "refunded", currency="EUR")(count),
    ],
    "returns in many currencies": lambda count: [
        ("order.created", {**HEAD, "items": members("items", ["A"])}),
        *returned(count, "{}"),
        pay("captured", count, amount="9"),
        pay("refunded", count, amount="1"),
    ],
    "returns of one currency, and voids": lambda count: [
        ("order.created", {**HEAD, "items": members("items", ["A"])}),
        *returned(count, "EUR"),
        *(pay(action, count, currency="EUR") for action in ("authorized", "captured", "voided")),
    ],
    "items swapped in a row": swapped_in_a_row,
    "items that requests failed twice": lambda count: [
        ("order.created", {**HEAD, "items": members("items", numbered(count))}),
        *(
            ("fulfillment_request.items_failed", {"id": each, "items": members("items", numbered(count))})
            for each in ("one", "other")
        ),
    ],
    "requests without their assignment": lambda count: [
        ("order.created", {**HEAD, "items": members("items", numbered(count))}),
        *(
            ("fulfillment_request.items_ready_for_handover", {"id": each, "items": [{"id": each}]})
            for each in numbered(count)
        ),
    ],
}


class _CountedRows:
    """Reads rows with counted texts. Reading counts as no effort."""

    def __init__(self) -> None:
        self._decoder = msgspec.msgpack.Decoder(row.Row)

    def decode(self, written: bytes) -> Any:
        traced = sys.gettrace()
        sys.settrace(None)
        try:
            return counted(self._decoder.decode(written))
        finally:
            sys.settrace(traced)


@pytest.fixture(autouse=True)
def codecs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codecs of rows and documents for counted texts."""
    monkeypatch.setattr(row, "_DECODER", _CountedRows())
    monkeypatch.setattr(row, "_ENCODER", msgspec.msgpack.Encoder(enc_hook=str.__str__))
    monkeypatch.setattr(document, "_ENCODER", msgspec.json.Encoder(enc_hook=str.__str__))


def facts_of(events: Sequence[Event]) -> list[Fact]:
    """Return their facts, made from accepted bodies."""
    made = []
    for at, (name, payload) in enumerate(events):
        envelope = {"tenant": TENANT, "name": name, "published_at": clock(at % 3_000)}
        own = {"id": ORDER_ID, "order_id": ORDER_ID, **payload}
        found = fact_of(*cleaned(json.dumps({**envelope, "payload": own}).encode(), source=f"0:{at}"))
        assert found is not None
        made.append(found)
    return made


def live(events: Sequence[Event]) -> None:
    """Take an order through these events: joined, joined again, cut, late, looked at, asked for, on its page."""
    facts: list[Fact] = counted(facts_of(events))
    whole = apply(None, facts, RULES).row
    apply(whole, facts, RULES)
    apply(whole, [], CUT)
    late = mark_late(whole, LATE_MS, RULES).row
    apply(late, [], RULES)
    looked_at(late, 0, RULES)
    lines_of(late, RULES)
    gaps_of(load(late), RULES)
    awaited(load(late), document.document(load(late), RULES).missing, RULES)
    state = OrderState.model_validate_json(state_of(late, RULES))
    order_page(state, own_entries(state), timedelta(minutes=15), {})


def is_in_proportion(few: Effort, many: Effort) -> bool:
    """Whether many take at most `MOST` times as much as few, which count as `MANY` at least."""
    return all(of_many <= MOST * max(of_few, MANY) for of_few, of_many in zip(few, many, strict=True))


def assert_in_proportion(make: Make) -> None:
    """Compare the effort of few with that of many."""
    few, many = (effort(live, make(count)) for count in (FEW, MANY))
    assert is_in_proportion(few, many), f"{few} of {FEW}, {many} of {MANY}"


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("ids", [numbered, lambda count: ["A"] * count], ids=["different", "equal"])
def test_an_event_takes_as_much_more_as_its_lists_and_maps_have_more_members(
    name: str, ids: Callable[[int], Sequence[str]]
) -> None:
    assert_in_proportion(lambda count: [(name, body(ids(count)))])


@pytest.mark.parametrize("name", sorted(NAMES))
def test_two_events_that_contradict_each_other_do_not_take_more_for_that(name: str) -> None:
    assert_in_proportion(lambda count: [(name, body(numbered(count))), (name, body(numbered(count, "other-")))])


@pytest.mark.parametrize("name", COMBINATIONS)
def test_nor_do_events_that_mean_the_same_things(name: str) -> None:
    assert_in_proportion(COMBINATIONS[name])


def test_amounts_of_one_hash_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of numbers are the same everywhere: whoever writes amounts can choose equal ones."""
    compared = 0

    class Amount(Decimal):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__eq__(other)

        __hash__ = Decimal.__hash__

    monkeypatch.setattr(self_named, "in_least_units", lambda *said: Amount(in_least_units(*said)))
    cents = [number * sys.hash_info.modulus for number in range(1, MANY)]
    amounts = [f"{each // 100}.{each % 100:02}" for each in cents]
    said = [{"id": f"x-{each}", "correlation_id": each, "amount": each, "currency": "EUR"} for each in amounts]
    apply(None, facts_of([("payment_account.amount_refunded", {"transactions": said})]), RULES)
    assert compared < MANY


def test_what_goes_through_all_for_each_is_found() -> None:
    def each_with_each(count: int) -> int:
        return sum(one is not other for one in range(count) for other in range(count))

    def each_in_a_list(count: int) -> int:
        ids: list[str] = counted(numbered(count))
        return sum(each in ids for each in counted(numbered(count)))

    for do in (each_with_each, each_in_a_list):
        assert not is_in_proportion(effort(do, FEW), effort(do, MANY))
