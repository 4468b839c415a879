"""Which events are the same, which are others, and which contradict an earlier one."""

from tests.integration.oddities.case import Case, Delivery, Dropped, HeldBack
from tests.integration.oddities.making import LATER, body, cleaned, conflict, content_key, event, events, respelled

_TABLE = "ES idempotency: the table"
_REDELIVERY = "ES re-delivery"
_CONFLICT = "C what becomes of each raw record: conflict"
_LIFECYCLE = "ES order lifecycle"

_CREATED = body("order.created", '{"id":"held","items":[{"id":"h-1","quantity":1}]}')
_CREATED_OTHERWISE = body("order.created", '{"id":"held","items":[{"id":"h-1","quantity":2}]}')

_CAPTURED = "payment_account.amount_captured"
_NO_TRANSACTIONS = '{"id":"cash-1","order_id":"cash"}'
_EMPTY_TRANSACTIONS = '{"id":"cash-2","order_id":"cash","transactions":[]}'
_ONE_WITHOUT = '{"id":"cash-3","order_id":"cash","transactions":[{"id":"t"},{"amount":1}]}'
_TWO = '{"id":"card","order_id":"card","transactions":[{"id":"t-2"},{"id":"t-10"}]}'
_TWO_SWAPPED = '{"id":"card","order_id":"card","transactions":[{"id":"t-10"},{"id":"t-2"}]}'

_DROPPED_ITEM = '{"id":"cut","items":[{"id":"c-%d"}]}'
_HELD_ITEM = '{"id":"hold","items":[{"id":"hold-1"}]}'
_COMPLETED = '{"id":"done-f","order_id":"done","logical_timestamp":%s,"items":[{"id":"done-%d"}]}'
_RIVAL = '{"id":"rival-f","order_id":"rival","logical_timestamp":5,"items":[{"id":"rival-%d"}]}'
_UNTIMED = '{"id":"untimed-f","order_id":"untimed"}'
_CUSTOMER = '{"id":"customer-1","email":"a@example.com"}'
_FLOAT = '{"id":"drawer-1","float":100.0}'
_CHUNK = '{"id":"receipt","chunk_number":%d,"total_chunks":2,"items":[]}'
_CHUNKLESS = '{"id":"receipt-2","items":[]}'

CASES: tuple[Case, ...] = (
    Case(
        "a delivery repeated to the byte",
        _REDELIVERY,
        "",
        (Delivery(body("order.created", '{"id":"same"}'), cleaned("same")),)
        + (Delivery(body("order.created", '{"id":"same"}'), Dropped()),) * 2,
        {"same": {"version": 1}},
    ),
    event(
        "a keyed event delivered again with another `published_at`",
        _REDELIVERY,
        "an identifying field decides alone",
        body("order.opened", '{"id":"again"}'),
        cleaned("again"),
        {"again": {"version": 1}},
        again=body("order.opened", '{"id":"again"}', f'"{LATER}"'),
    ),
    Case(
        "`order.created` with an id already seen and another payload",
        f"{_CONFLICT}; the key is documented",
        "the first one counts; the other is kept as evidence, once",
        (
            Delivery(_CREATED, cleaned("held")),
            Delivery(_CREATED_OTHERWISE, HeldBack()),
            Delivery(respelled(_CREATED_OTHERWISE), Dropped()),
            Delivery(respelled(_CREATED), Dropped()),
        ),
        {"held": {"version": 1, "contradictions": [], "items": {"h-1": {"quantity": 1}}}},
    ),
    conflict(
        "any other event with a key already seen and another payload",
        _CONFLICT,
        "the guess about the key may be wrong, so both are events; the order's state puts them side by side",
        body("order.opened", '{"id":"torn","items":[{"id":"torn-1"}]}'),
        body("order.opened", '{"id":"torn","items":[{"id":"torn-2"}]}'),
        cleaned("torn"),
        {"torn": {"version": 2, "contradictions": [{"kind": "conflicting_payloads"}]}},
    ),
    conflict(
        "a fulfilment request's `logical_timestamp` twice, with another payload",
        _CONFLICT,
        "",
        body("fulfillment_request.items_completed", _RIVAL % 1),
        body("fulfillment_request.items_completed", _RIVAL % 2),
        cleaned("rival", "rival-f:5"),
        {"rival": {"version": 2, "contradictions": [{"kind": "conflicting_payloads"}]}},
    ),
    events(
        "a fulfilment request's id twice, with another `logical_timestamp`",
        _TABLE,
        "one event per line item shipped",
        (body("fulfillment_request.items_completed", _COMPLETED % ("1", 1)), cleaned("done", "done-f:1")),
        (body("fulfillment_request.items_completed", _COMPLETED % ("2", 2)), cleaned("done", "done-f:2")),
        orders={"done": {"version": 2, "items": {"done-1": {"status": "complete"}, "done-2": {"status": "complete"}}}},
    ),
    event(
        "a fulfilment request without `logical_timestamp`",
        _TABLE,
        "content and time are the key",
        body("fulfillment_request.items_failed", _UNTIMED),
        cleaned("untimed", content_key(_UNTIMED)),
        {"untimed": {"version": 1}},
    ),
    events(
        "`order.items_cancelled` twice for one order",
        _TABLE,
        "one order can have several",
        (body("order.items_cancelled", _DROPPED_ITEM % 1), cleaned("cut", f"cut:{content_key(_DROPPED_ITEM % 1)}")),
        (body("order.items_cancelled", _DROPPED_ITEM % 2), cleaned("cut", f"cut:{content_key(_DROPPED_ITEM % 2)}")),
        orders={"cut": {"version": 2, "items": {"c-1": {"status": "cancelled"}, "c-2": {"status": "cancelled"}}}},
    ),
    events(
        "the same items put on hold twice, at two times",
        _REDELIVERY,
        "the time is part of a content key",
        (body("order.items_on_hold", _HELD_ITEM), cleaned("hold", f"hold:{content_key(_HELD_ITEM)}")),
        (
            body("order.items_on_hold", _HELD_ITEM, f'"{LATER}"'),
            cleaned("hold", f"hold:{content_key(_HELD_ITEM, LATER)}", time=LATER),
        ),
        orders={"hold": {"version": 2, "status": "on_hold"}},
    ),
    event(
        "one instant spelt in two ways",
        "C instant",
        "with the same content it is the same event",
        body("customer.address_created", _CUSTOMER, '"2026-11-01T08:00:00.000Z"'),
        cleaned("customer-1", content_key(_CUSTOMER), "customers"),
        again=body("customer.address_created", _CUSTOMER, '" 2026-11-01 10:00:00+02:00"'),
    ),
    events(
        "`customer.updated` twice with the same content, at two times",
        _REDELIVERY,
        "changed and changed back",
        (body("customer.updated", _CUSTOMER), cleaned("customer-1", content_key(_CUSTOMER), "customers")),
        (
            body("customer.updated", _CUSTOMER, f'"{LATER}"'),
            cleaned("customer-1", content_key(_CUSTOMER, LATER), "customers", LATER),
        ),
    ),
    events(
        "the same float in the same drawer each morning",
        _REDELIVERY,
        "",
        (body("cash_drawer.float_defined", _FLOAT), cleaned("drawer-1", content_key(_FLOAT), "cash-drawers")),
        (
            body("cash_drawer.float_defined", _FLOAT, f'"{LATER}"'),
            cleaned("drawer-1", content_key(_FLOAT, LATER), "cash-drawers", LATER),
        ),
    ),
    events(
        "a large delivery of goods, in chunks with one id",
        _TABLE,
        "the chunk's number is part of the key",
        (body("inventory_transaction.items_received", _CHUNK % 1), cleaned("receipt", "receipt:1", "inventory")),
        (body("inventory_transaction.items_received", _CHUNK % 2), cleaned("receipt", "receipt:2", "inventory")),
    ),
    event(
        "the same without `chunk_number`",
        _TABLE,
        "content and time are the key",
        body("inventory_transaction.items_received", _CHUNKLESS),
        cleaned("receipt-2", content_key(_CHUNKLESS), "inventory"),
    ),
    event(
        "a payment without `transactions`",
        "C usable id: transactions",
        "content and time are the key",
        body(_CAPTURED, _NO_TRANSACTIONS),
        cleaned("cash", content_key(_NO_TRANSACTIONS)),
    ),
    event(
        "a payment with no transaction in the list",
        "C usable id: transactions",
        "content and time are the key",
        body(_CAPTURED, _EMPTY_TRANSACTIONS),
        cleaned("cash", content_key(_EMPTY_TRANSACTIONS)),
    ),
    event(
        "a payment one of whose transactions has no id",
        "C usable id: transactions",
        "content and time are the key",
        body(_CAPTURED, _ONE_WITHOUT),
        cleaned("cash", content_key(_ONE_WITHOUT)),
        {"cash": {"version": 3}},
    ),
    conflict(
        "a payment's transactions in another order",
        "C key: transaction ids sorted by code point",
        "the same key, but an array in another order is another payload",
        body(_CAPTURED, _TWO),
        body(_CAPTURED, _TWO_SWAPPED),
        cleaned("card", "card:t-10:t-2"),
    ),
    events(
        "`order.cancelled` before `order.created`",
        "ES in no particular order",
        "the state is the same whatever the order of arrival",
        (body("order.cancelled", '{"id":"early","items":[{"id":"e-1"}]}', f'"{LATER}"'), cleaned("early", time=LATER)),
        (body("order.created", '{"id":"early","items":[{"id":"e-1","quantity":1}]}'), cleaned("early")),
        orders={
            "early": {
                "status": "cancelled",
                "missing": [],
                "provisional": False,
                "items": {"e-1": {"status": "cancelled", "quantity": 1}},
                "timeline": [{"event": "order.created"}, {"event": "order.cancelled"}],
            }
        },
    ),
    event(
        "an order nothing but whose cancellation is known",
        _LIFECYCLE,
        "cancelled, provisional until `order.created` comes",
        body("order.cancelled", '{"id":"orphan","items":[]}'),
        cleaned("orphan"),
        {"orphan": {"status": "cancelled", "provisional": True, "missing": ["order.created"]}},
    ),
    events(
        "an order cancelled after its goods went out",
        "C status: a contradiction if anything was shipped",
        "nothing is decided: both stand in `contradictions`",
        (
            body("fulfillment_request.items_completed", '{"id":"b-f","order_id":"both","logical_timestamp":1}'),
            cleaned("both", "b-f:1"),
        ),
        (body("order.completed", '{"id":"both","items":[]}'), cleaned("both")),
        (body("order.cancelled", '{"id":"both","items":[]}', f'"{LATER}"'), cleaned("both", time=LATER)),
        orders={"both": {"status": "completed", "contradictions": [{"kind": "cancelled_and_completed"}]}},
    ),
    conflict(
        "`5` in one delivery and `5.0` in the next",
        "C payload hash: `5.0` stays `5.0`",
        "two payloads",
        body("gift_card.deactivated", '{"id":"gift-1","balance":5}'),
        body("gift_card.deactivated", '{"id":"gift-1","balance":5.0}'),
        cleaned("gift-1", dataset="gift-cards"),
    ),
    event(
        "`0.1` in one delivery and `0.10` in the next",
        "C payload hash: numbers in shortest form",
        "one payload",
        body("employee.created", '{"id":"employee-1","share":0.10}'),
        cleaned("employee-1", dataset="employees"),
        again=body("employee.created", '{"id":"employee-1","share":0.1}'),
    ),
)
