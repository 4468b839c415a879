"""The CloudEvents headers of the state topic's records."""

from typing import Any

import orjson

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.row import RULES_VERSION
from processors.orders.table import TOTALS_KEY, row_key
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, items
from tests.unit.processors.orders.test_older_rows import OLDER, ROWS_OF_VERSION_2
from tests.unit.processors.orders.test_upgrade import bring_up
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

_OPENED = event_record(1, "order.opened", id=ORDER_ID)


def emitted(
    rows: dict[bytes, bytes | None], *records: Any, topic: str = TOPICS.order_state, **rules: Any
) -> list[tuple[Any, ...]]:
    """Records that a chunk of these leads to in a topic."""
    unit: Any = FakeUnit(list(records), rows)
    Orders(TOPICS, OrderRules(**rules)).process(unit)
    return [record for record in unit.emitted if record[0] == topic]


def test_it_says_what_has_changed_by_which_rules_and_where_its_schema_is() -> None:
    [(_, _, key, value, timestamp, headers)] = emitted({}, _OPENED)
    assert len(dict(headers)) == len(headers)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": f"{ORDER_ID}/{orjson.loads(value)['revision']}/{timestamp}".encode(),
        "ce_type": b"bridge.order_state.changed",
        "ce_source": f"/newstore/{TENANT}/order-state".encode(),
        "ce_subject": key,
        "ce_time": b"1970-01-01T00:00:01.000Z",
        "ce_dataschema": f"urn:newstore-kafka-bridge:v1:order-state:{RULES_VERSION}".encode(),
        "content-type": b"application/json",
    }


def test_every_document_has_an_id_of_its_own_and_what_is_made_again_the_same() -> None:
    """Some readers see records of an aborted attempt. Made again, they are the same event."""
    rows: dict[bytes, bytes | None] = {}
    [first] = emitted(rows, _OPENED)
    again = emitted(dict(rows), event_record(1, "order.completed", id=ORDER_ID))
    second = emitted(rows, event_record(1, "order.completed", id=ORDER_ID))
    assert second == again
    assert dict(first[5])["ce_id"] != dict(second[0][5])["ce_id"]


def test_a_later_document_may_have_an_earlier_time() -> None:
    """A document has the time of the event it was written for, and events of two names come in any order."""
    rows: dict[bytes, bytes | None] = {}
    arriving = [event_record(2, "order.completed", id=ORDER_ID), event_record(1, "order.opened", id=ORDER_ID)]
    documents = [document for record in arriving for document in emitted(rows, record)]
    assert [timestamp for _, _, _, _, timestamp, _ in documents] == [2000, 1000]
    assert [orjson.loads(document[3])["version"] for document in documents] == [1, 2]


def test_a_document_says_by_which_rules_it_is_until_the_orders_events_have_been_read_again() -> None:
    """A row of older rules lacks what newer ones ask for, so its document must not pass for a newer one."""
    for rules in (1, 2):
        order_id = OLDER[0]["order_id"]
        written = OLDER[0]["row"].encode() if rules == 1 else ROWS_OF_VERSION_2[order_id]
        rows: dict[bytes, bytes | None] = {
            row_key(order_id.encode()): written,
            TOTALS_KEY: orjson.dumps({"status:completed": 1, f"rules:{rules}": 1}),
        }
        [before] = emitted(rows, event_record(9, "order.noted", id=order_id))
        bring_up(rows)
        [after] = emitted(rows, event_record(10, "order.noted", id=order_id))
        found = [dict(each[5])["ce_dataschema"].decode() for each in (before, after)]
        assert found == [f"urn:newstore-kafka-bridge:v1:order-state:{each}" for each in (rules, RULES_VERSION)]


def test_a_line_says_the_same_of_itself_and_what_is_deleted_is_no_event() -> None:
    opened = event_record(1, "order.opened", id=ORDER_ID, items=items("A", "B"))
    [whole, *_] = emitted({}, opened, topic=TOPICS.order_lines, writes_lines=True)
    bounds = {"writes_lines": True, "document_bytes": len(whole[3])}
    [line, beyond] = emitted({}, opened, topic=TOPICS.order_lines, **bounds)
    assert (beyond[3], beyond[5]) == (None, None)
    _, _, key, value, timestamp, headers = line
    assert len(dict(headers)) == len(headers)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": key + f"/{orjson.loads(value)['revision']}/{timestamp}".encode(),
        "ce_type": b"bridge.order_line.changed",
        "ce_source": f"/newstore/{TENANT}/order-lines".encode(),
        "ce_subject": ORDER_ID.encode(),
        "ce_time": b"1970-01-01T00:00:01.000Z",
        "ce_dataschema": f"urn:newstore-kafka-bridge:v1:order-lines:{RULES_VERSION}".encode(),
        "content-type": b"application/json",
    }
