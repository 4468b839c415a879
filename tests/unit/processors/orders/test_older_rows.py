"""Rows that revisions 24b3eb5 (version 1), 5b471a1 (2) and c519b9f (3) wrote, and the events that they were made of."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from processors.orders.apply import Applied, apply, list_unprocessed, read_again, state_of
from processors.orders.canonical import event_of
from processors.orders.fact import Fact, fact_of
from processors.orders.older_rows import NewerRowError, is_older, load, unread_sources
from processors.orders.render.document import render
from processors.orders.row import RULES_VERSION
from processors.orders.unprocessed import LISTED, Unprocessed
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    cleaned,
    clock,
    fact,
    items,
    of_a_later_version,
    of_an_earlier_version,
)

Json = dict[str, Any]

OLDER: list[Json] = json.loads(Path(__file__).with_name("rows_of_version_1.json").read_text())


def rows_of(version: int) -> dict[str, bytes]:
    """Return the rows that this version wrote of the same orders."""
    kept: dict[str, str] = json.loads(Path(__file__).with_name(f"rows_of_version_{version}.json").read_text())
    return {order_id: base64.b64decode(row) for order_id, row in kept.items()}


ROWS_OF_VERSION_2 = rows_of(2)
ROWS_OF_VERSION_3 = rows_of(3)
PAYMENT = "payment_account."
LACKING = (
    "order.created",
    "order.opened",
    "order.items_cancelled",
    "order.shipped",
    "order.completed",
    "order.cancelled",
    "fulfillment_request.items_completed",
    "return.processed",
)
"""Versions 2 and 3 kept less of these than these rules read."""


def facts_of(older: Json) -> list[Fact]:
    facts = [
        fact_of(*cleaned(event["body"].encode(), received_at_ms=event["received_at_ms"], source=event["source"]))
        for event in older["events"]
    ]
    return [fact for fact in facts if fact is not None]


def bodies(older: Json, leave_out: str = "nothing") -> dict[str, bytes]:
    events = [event for event in older["events"] if not json.loads(event["body"])["name"].startswith(leave_out)]
    return {event["source"]: event["body"].encode() for event in events}


def document(row: bytes) -> Json:
    return {**orjson.loads(state_of(row, EVERYTHING)), "revision": None}


@pytest.fixture(params=OLDER, ids=lambda older: older["order_id"][:8])
def older(request: pytest.FixtureRequest) -> Json:
    found: Json = request.param
    return found


def upgraded(row: bytes, bodies: Mapping[str, bytes]) -> Applied:
    """Return the row read again, if raw still has these of its unread events."""
    return read_again(row, unread_sources(row), bodies, EVERYTHING)


def test_read_again_an_order_is_what_it_would_be_by_the_rules_of_this_version(older: Json) -> None:
    row = older["row"].encode()
    assert is_older(row)
    assert sorted(unread_sources(row)) == sorted(bodies(older))
    applied = upgraded(row, bodies(older))
    assert not is_older(applied.row)
    assert load(applied.row).unread == [], "else what comes once more would be joined once more"
    assert document(applied.row) == document(apply(None, facts_of(older), EVERYTHING).row)


def test_until_then_it_claims_nothing_of_payments_that_it_cannot_know(older: Json) -> None:
    state = document(older["row"].encode())
    anew = document(apply(None, facts_of(older), EVERYTHING).row)
    has_payments = any(fact.event.startswith(PAYMENT) for fact in facts_of(older))
    assert state["payment_status"] == ("unknown" if has_payments else "none")
    assert state["timeline"] == anew["timeline"]
    assert state["items"].keys() == anew["items"].keys()


def test_what_raw_has_lost_stays_unknown(older: Json) -> None:
    applied = upgraded(older["row"].encode(), bodies(older, leave_out=PAYMENT))
    has_payments = any(fact.event.startswith(PAYMENT) for fact in facts_of(older))
    assert document(applied.row)["payment_status"] == ("unknown" if has_payments else "none")
    assert not is_older(applied.row), "nothing is asked for twice"
    order = load(applied.row)
    order.due = 0
    comes_next = render(order, EVERYTHING).upcoming
    assert not (has_payments and any(each.name.startswith(PAYMENT) for each in comes_next))


def test_what_cannot_be_read_any_more_is_lost_too(older: Json) -> None:
    """Bodies from before structure was bounded, for example."""
    order = load(upgraded(older["row"].encode(), dict.fromkeys(bodies(older), b"{")).row)
    assert (order.version, len(order.lost)) == (RULES_VERSION, len(order.facts))


def test_what_comes_later_claims_nothing_of_payments_that_are_lost(older: Json) -> None:
    row = upgraded(older["row"].encode(), bodies(older, leave_out=PAYMENT)).row
    currency, lost = document(row)["order"]["currency"], {event_of(fact.place) for fact in load(row).facts}
    payload = {"id": older["order_id"], "transactions": [{"id": "late", "amount": 1, "currency": currency}]}
    body = {"tenant": TENANT, "name": f"{PAYMENT}amount_captured", "published_at": None, "payload": payload}
    late = fact_of(*cleaned(orjson.dumps(body), source="9:9"))
    assert late is not None
    asked = fact(
        "refund_request.issued", clock(9), order_id=older["order_id"], id="ask", amount=9999, currency=currency
    )
    state = document(apply(row, [late, asked], EVERYTHING).row)
    known = not any(event.startswith(PAYMENT) for event in lost)
    promises = [*state["returns"].values(), *state["refund_requests"].values()]
    assert ("requested_more_than_captured" in {each["kind"] for each in state["attention"]}) == known
    assert all((each["refund_outstanding"] is not None) == known for each in promises)
    assert (state["payment_sums"][currency]["balance"] is not None) == known
    assert (f"{PAYMENT}amount_authorized" in state["suspected"]) == known


def test_an_event_that_comes_meanwhile_is_joined_and_the_rest_is_still_to_be_read(older: Json) -> None:
    *known, new = facts_of(older)
    row = json.loads(older["row"].split("\n")[0])
    place = next(at for at, fact in enumerate(row["facts"]) if fact[5] == new.source)
    _, *data = older["row"].split("\n")
    del row["facts"][place], data[place]
    touched = apply("\n".join([json.dumps(row), *data]).encode(), [new], EVERYTHING).row
    assert is_older(touched)
    assert sorted(unread_sources(touched)) == sorted(fact.source for fact in known)
    anew = document(apply(None, facts_of(older), EVERYTHING).row)
    assert document(upgraded(touched, bodies(older)).row) == anew


@pytest.mark.parametrize("written", [ROWS_OF_VERSION_2, ROWS_OF_VERSION_3], ids=["2", "3"])
def test_of_a_row_of_version_2_or_3_only_what_it_lacks_is_read_again(written: dict[str, bytes], older: Json) -> None:
    row = written[older["order_id"]]
    assert is_older(row)
    lacking = {event["source"] for event in older["events"] if json.loads(event["body"])["name"] in LACKING}
    assert {*unread_sources(row)} == lacking
    read = {source: body for source, body in bodies(older).items() if source in lacking}
    anew, applied = apply(None, facts_of(older), EVERYTHING), upgraded(row, read)
    assert (document(applied.row), applied.after, load(applied.row).lost) == (document(anew.row), anew.after, [])
    assert not is_older(applied.row)
    assert unread_sources(applied.row) == []
    assert document(row) == document(anew.row), "whoever asks meanwhile"


def test_a_row_of_version_3_that_lacks_nothing_is_judged_anew_without_raw() -> None:
    held = apply(None, [fact("order.items_on_hold", clock(0), items=items("A"))], EVERYTHING).row
    row = of_an_earlier_version(held)
    assert unread_sources(row) == []
    assert not is_older(apply(row, [], EVERYTHING).row)


def test_what_comes_again_to_an_older_row_makes_a_document_of_another_revision(older: Json) -> None:
    """The new document is by other rules. With the same revision, both would be one event to readers that go by
    `ce_id`."""
    row, facts = ROWS_OF_VERSION_2[older["order_id"]], facts_of(older)
    before = load(row).revision
    again = apply(row, facts, EVERYTHING)
    assert (load(again.row).revision, again.revision, is_older(again.row)) == (before + 1, before + 1, True)
    read = upgraded(again.row, bodies(older))
    assert read.revision == apply(read.row, facts, EVERYTHING).revision == before + 2


def test_what_raw_has_lost_of_a_row_of_version_2_is_asked_for_once_and_leaves_what_it_knew(older: Json) -> None:
    row = ROWS_OF_VERSION_2[older["order_id"]]
    applied = upgraded(row, {})
    assert len(load(applied.row).lost) == len(unread_sources(row))
    assert not is_older(applied.row)
    assert document(applied.row) == document(row)


def test_so_does_an_event_that_fails_and_cannot_be_listed() -> None:
    """The list is full."""
    opened = apply(None, [fact("order.opened", clock(0))], EVERYTHING).row
    failed = [
        Unprocessed(ORDER_ID, TENANT, ["order.note", "key", f"0:{n}", "a bug", clock(9)]) for n in range(LISTED + 1)
    ]
    full, _ = list_unprocessed(opened, failed[:LISTED], EVERYTHING)
    again, listed = list_unprocessed(of_an_earlier_version(full.row), failed[LISTED:], EVERYTHING)
    assert (listed, again.revision) == ([], full.revision + 1)
    assert list_unprocessed(full.row, failed[LISTED:], EVERYTHING)[0].revision == full.revision


def test_of_a_row_of_version_2_what_comes_again_by_other_rules_still_does(older: Json) -> None:
    """A migration leaves a row so: raw still has the event, and the worker will meet it."""
    order = msgspec.msgpack.decode(ROWS_OF_VERSION_2[older["order_id"]])
    order[5] = [*range(len(order[6]))]  # unread: all facts
    row = msgspec.msgpack.encode(order)
    assert unread_sources(row) == []
    read = load(upgraded(row, {}).row)
    assert (read.unread, read.lost) == (order[5], [])
    again = load(apply(row, facts_of(older), EVERYTHING).row)
    assert (again.unread, len(again.facts)) == ([], len(order[6]))


def test_a_new_row_is_not_an_older_one(older: Json) -> None:
    assert not is_older(apply(None, facts_of(older), EVERYTHING).row)


def test_another_event_at_the_same_place_in_raw_is_not_the_facts(older: Json) -> None:
    first, *_ = bodies(older)
    for part in ("name", "payload"):
        other = {**json.loads(bodies(older)[first]), part: {"name": "order.eaten", "payload": {"id": "other"}}[part]}
        row = load(upgraded(older["row"].encode(), {**bodies(older), first: orjson.dumps(other)}).row)
        assert [row.facts[at].source for at in row.lost] == [first]


def test_a_row_of_a_later_version_is_left_to_it(older: Json) -> None:
    later = of_a_later_version(apply(None, facts_of(older), EVERYTHING).row)
    assert not is_older(later)
    with pytest.raises(NewerRowError, match=f"version {RULES_VERSION + 1}"):
        apply(later, facts_of(older), EVERYTHING)


@pytest.mark.parametrize("members", [14, 15, 16, 300])
@pytest.mark.parametrize(("version", "older"), [(1, True), (3, True), (RULES_VERSION, False), (9, False)])
def test_a_rows_version_is_read_however_many_fields_it_has(members: int, version: int, *, older: bool) -> None:
    row = msgspec.msgpack.encode([version, *range(members - 1)])
    assert is_older(row) is older
    if version == 9:
        with pytest.raises(NewerRowError):
            load(row)
