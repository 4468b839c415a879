"""What NewStore's own events were seen to be like ("Oddities seen", additive changes, real payloads)."""

from tests.integration.oddities.case import Case
from tests.integration.oddities.making import body, cleaned, content_key, event

_ODDITIES = "ES oddities seen"
_ADDITIVE = "ES additive changes"
_ORDER = "ES which order an event belongs to"

_NAMED = '{"id":"unnamed","associate_id":"unknown","customer_email":"","customer_id":"","shipping_address":{"city":""}}'
_ADDRESS = '{"address_line_1":"Main Street 1","address_line1":"Elsewhere 2"}'
_SHIPPED = (
    '{"id":"ship-f","order_id":"ship","logical_timestamp":6728211,"fulfillment_location_id":"NY",'
    '"items":[{"id":"ship-1","product_id":"p","shipped_at":"2026-11-01T07:59:00.5"}]}'
)
_MONEY = (
    '{"id":"money","grand_total":62.94,"subtotal":58,'
    '"items":[{"id":"m-1","quantity":1,"list_price":58,"tax":4.94},'
    '{"id":"m-2","quantity":2,"list_price":58.10,"tax":0.0},{"id":"m-3","quantity":1.0,"list_price":"12.5"}]}'
)
_EXCHANGE = '{"id":"swap","is_exchange":true,"exchanges":[{"order_id":"first","return_id":"r-1"}],"items":[]}'

CASES: tuple[Case, ...] = (
    event(
        "`published_at` with nine fractional digits",
        _ODDITIES,
        "all nine are kept",
        body("order.created", '{"id":"nine-digits"}', '"2026-11-01T08:00:00.123456789Z"'),
        cleaned("nine-digits", time="2026-11-01T08:00:00.123456789Z"),
        {"nine-digits": {"status": "created", "version": 1}},
    ),
    event(
        "`published_at` without `Z`",
        _ODDITIES,
        "taken as UTC",
        body("order.created", '{"id":"no-zone"}', '"2026-11-01T08:00:00.5"'),
        cleaned("no-zone", time="2026-11-01T08:00:00.5Z"),
    ),
    event(
        "`published_at` with stray blanks",
        _ODDITIES,
        "blanks are cut off",
        body("order.created", '{"id":"blanks"}', '"  2026-11-01T08:00:00Z "'),
        cleaned("blanks"),
    ),
    event(
        "`shipped_at` without a zone",
        _ODDITIES,
        "taken as UTC in the order's state",
        body("fulfillment_request.items_completed", _SHIPPED),
        cleaned("ship", "ship-f:6728211"),
        {
            "ship": {
                "status": "open",
                "missing": ["fulfillment_request.assigned:ship-f", "order.created", "order.opened"],
                "items": {"ship-1": {"status": "complete", "shipped_at": "2026-11-01T07:59:00.5Z"}},
            }
        },
    ),
    event(
        "money as whole numbers, decimals and strings mixed",
        _ODDITIES,
        "exact decimal strings in the order's state",
        body("order.created", _MONEY),
        cleaned("money"),
        {
            "money": {
                "items": {
                    "m-1": {"quantity": 1, "list_price": "58", "tax": "4.94"},
                    "m-2": {"quantity": 2, "list_price": "58.1", "tax": "0"},
                    "m-3": {"quantity": 1, "list_price": "12.5", "tax": None},
                }
            }
        },
    ),
    event(
        "a JSON object with the same key twice",
        "C body: of equal keys the last wins",
        "the last one counts, for the key as well",
        body("order.created", '{"id":"first-id","items":[{"id":"d-1","quantity":1,"quantity":3}],"id":"last-id"}'),
        cleaned("last-id"),
        {"last-id": {"items": {"d-1": {"quantity": 3}}}, "first-id": None},
    ),
    event(
        "the envelope's own fields twice",
        "C body: of equal keys the last wins",
        "the last one counts",
        b'{"tenant":"other","name":"order.opened","payload":[],' + body("order.created", '{"id":"two-names"}')[1:],
        cleaned("two-names"),
        {"two-names": {"status": "created"}},
    ),
    event(
        "empty strings for absent names, `associate_id` `unknown`",
        _ODDITIES,
        "values like any other",
        body("order.opened", _NAMED),
        cleaned("unnamed"),
        {"unnamed": {"status": "open", "missing": ["order.created"]}},
    ),
    event(
        "both `address_line_1` and `address_line1`",
        _ODDITIES,
        "both stay",
        body("order.opened", f'{{"id":"two-lines","shipping_address":{_ADDRESS}}}'),
        cleaned("two-lines"),
    ),
    event(
        "fields that are called required, absent",
        _ODDITIES,
        "the order has what is there",
        body("fulfillment_request.assigned", '{"id":"bare-f","order_id":"bare","logical_timestamp":1}'),
        cleaned("bare", "bare-f:1"),
        {"bare": {"status": "open", "items": {}, "missing": ["order.created", "order.opened"]}},
    ),
    event(
        "fields of the wrong type",
        _ODDITIES,
        "such a field counts as absent in the order's state; the body keeps it",
        body("order.created", '{"id":"types","items":[null,7,[],{"id":{}},{"id":"t-1","quantity":"many","tax":true}]}'),
        cleaned("types"),
        {"types": {"version": 1, "items": {"t-1": {"status": "pending", "quantity": None, "tax": None}}}},
    ),
    event(
        "unknown fields, in the envelope and in the payload",
        _ADDITIVE,
        "kept, byte for byte",
        body("order.created", '{"id":"more","new":{"a":[1]}}', more=',"schema_version":7,"event_id":null'),
        cleaned("more"),
        {"more": {"status": "created"}},
    ),
    event(
        "an unknown event of a known entity",
        _ADDITIVE,
        "in its entity's topic, in the order's timeline",
        body("order.gift_wrapped", '{"id":"wrapped"}'),
        cleaned("wrapped", content_key('{"id":"wrapped"}')),
        {"wrapped": {"status": "unknown", "version": 1}},
    ),
    event(
        "an unknown event of a fulfilment request",
        _ADDITIVE,
        "in the order's topic by its `order_id`",
        body("fulfillment_request.parked", '{"id":"park-f","order_id":"park"}'),
        cleaned("park", content_key('{"id":"park-f","order_id":"park"}')),
        {"park": {"version": 1, "status": "open"}},
    ),
    event(
        "an unknown entity",
        _ADDITIVE,
        "in `unknown` under its own id",
        body("drone.landed", '{"id":"drone-1","order_id":"not-its-order"}'),
        cleaned("drone-1", content_key('{"id":"drone-1","order_id":"not-its-order"}'), "unknown"),
        {"not-its-order": None},
    ),
    event(
        "an unknown entity without an id",
        _ADDITIVE,
        "in `unknown` under the event's name",
        body("weather.changed", '{"to":"rain"}'),
        cleaned("weather.changed", content_key('{"to":"rain"}'), "unknown"),
    ),
    event(
        "an event name without a dot",
        _ADDITIVE,
        "the whole name is the entity",
        body("heartbeat", '{"id":1}'),
        cleaned("1", content_key('{"id":1}'), "unknown"),
    ),
    event(
        "a blind return: no `order_id`",
        _ORDER,
        "in `orders` under its own id; belongs to no order",
        body("return.processed", '{"id":"blind-r","items":[{"id":"x","quantity":1}],"order_id":null}'),
        cleaned("blind-r"),
        {"blind-r": None},
    ),
    event(
        "a payment account without `order_id`",
        _ORDER,
        "its own id is its order's",
        body("payment_account.amount_authorized", '{"id":"paid","transactions":[{"id":"paid-t","amount":62.94}]}'),
        cleaned("paid", "paid:paid-t"),
        {"paid": {"version": 1, "status": "created", "missing": ["order.created"]}},
    ),
    event(
        "a refund request that names its order only as `payment_account_id`",
        _ORDER,
        "in `orders` under its own id; belongs to no order",
        body("refund_request.issued", '{"id":"refund-1","payment_account_id":"its-account","amount":5}'),
        cleaned("refund-1"),
        {"refund-1": None, "its-account": None},
    ),
    event(
        "an exchange",
        _ORDER,
        "a new order like any other",
        body("order.created", _EXCHANGE),
        cleaned("swap"),
        {"swap": {"status": "created"}},
    ),
    event(
        "an imported order: `is_historical`, published years ago",
        "ES order lifecycle",
        "like any other",
        body("order.completed", '{"id":"imported","is_historical":true,"items":[]}', '"2009-02-13T23:31:30Z"'),
        cleaned("imported", time="2009-02-13T23:31:30Z"),
        {"imported": {"status": "completed", "missing": ["order.created", "order.opened"]}},
    ),
    event(
        "the deprecated `order.shipped`",
        "ES the 42 events",
        "like any other",
        body("order.shipped", '{"id":"shipped","items":[{"id":"s-1"}]}'),
        cleaned("shipped"),
        {"shipped": {"items": {"s-1": {"status": "complete"}}}},
    ),
    event(
        "an empty payload: `{}`",
        "C valid envelope",
        "under the event's name, told apart by its time",
        body("order.created", "{}"),
        cleaned("order.created", content_key("{}")),
        {"order.created": None},
    ),
    event(
        "a return's amounts far larger than any float",
        "C money is exact",
        "no digit is lost",
        body(
            "return.processed",
            '{"id":"exact-r","order_id":"exact","total_refund_amount":12345678901234567890.123456789,"items":[]}',
        ),
        cleaned("exact", "exact-r"),
        {"exact": {"returns": {"exact-r": {"total_refund_amount": "12345678901234567890.123456789"}}}},
    ),
)
