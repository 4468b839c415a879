"""A record of any topic is shown without personal data, unless somebody asks for that."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from commands.record.view import show
from commands.terminal.output import InertConsole
from commands.terminal.shown import document
from schemas.masks import HIDDEN

PERSON = "ada@example.com"
EVENT = orjson.dumps(
    {"tenant": "acme", "name": "order.created", "payload": {"id": "SO-1", "customer_email": PERSON, "note": PERSON}}
)
STATE = orjson.dumps(
    {
        "order_id": "SO-1",
        "order": {"external_id": "X1", "customer": {"email": PERSON}, "extended_attributes": [{"name": PERSON}]},
        "refund_requests": {"r": {"note": PERSON, "amount": "1.00"}},
    }
)


@dataclass
class Read:
    """A consumed record."""

    value: bytes | None
    topic: str = "newstore.raw.v1"
    partition: int = 3
    offset: int = 557
    timestamp: int = 1_700_000_000_000
    key: bytes | None = b"SO-1"
    headers: Sequence[tuple[str, bytes]] = field(default_factory=list)


def text_of(told: dict[str, Any]) -> str:
    console = InertConsole(file=io.StringIO(), width=120)
    show(console, told)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("dataset", "value"),
    [
        *((dataset, EVENT) for dataset in ("raw", "orders", "customers", "unknown", "conflicts", "quarantine")),
        ("order-state", STATE),
        ("quarantine", orjson.dumps({"name": PERSON, "id": PERSON})),
        ("quarantine", f"{{ no json {PERSON}".encode()),
        ("orders-changelog", b"\x93" + PERSON.encode()),
        ("dedupe-changelog", PERSON.encode()),
        ("a dataset of a later version", orjson.dumps({"id": PERSON})),
    ],
)
def test_nothing_personal_is_shown_of_any_topic(dataset: str, value: bytes) -> None:
    told = document(dataset, Read(value), unmasked=False)
    assert PERSON not in json.dumps(told)
    assert PERSON not in text_of(told)
    assert told["body"] is not None or told["hidden"]
    unmasked = document(dataset, Read(value), unmasked=True)
    assert PERSON in json.dumps(unmasked) or unmasked["base64"]
    assert PERSON in text_of(unmasked) or unmasked["base64"]


def test_what_tells_an_event_from_others_is_shown() -> None:
    told = document("raw", Read(EVENT, headers=[("ce_type", b"order.created")]), unmasked=False)
    assert (told["event"], told["position"], told["bytes"]) == ("order.created", "3:557", len(EVENT))
    assert told["body"]["payload"] == {"id": "SO-1", "customer_email": HIDDEN, "note": HIDDEN}
    state = document("order-state", Read(STATE), unmasked=False)["body"]
    assert (state["order"]["external_id"], state["refund_requests"]["r"]["amount"]) == ("X1", "1.00")


def test_an_orders_line_is_shown_whole() -> None:
    line = {"order_id": "SO-1", "line_id": "1", "item_discounts": None, "shipped_quantity": 2}
    assert document("order-lines", Read(orjson.dumps(line)), unmasked=False)["body"] == line


def test_a_header_that_may_quote_a_body_is_hidden_too() -> None:
    headers = [("bridge_error_exception", PERSON.encode()), ("x-other", PERSON.encode()), ("bridge_error_reason", b"r")]
    told = document("quarantine", Read(b"{", headers=headers), unmasked=False)
    assert told["headers"] == {"bridge_error_exception": HIDDEN, "x-other": HIDDEN, "bridge_error_reason": "r"}
    assert document("quarantine", Read(b"{", headers=headers), unmasked=True)["headers"]["x-other"] == PERSON


def test_unmasked_a_body_is_as_it_came() -> None:
    value = b'{"tenant":"acme","name":"order.created","payload":{"amount":1.00000000000000000001}}'
    told = document("raw", Read(value), unmasked=True)
    assert told["text"] == value.decode()
    assert "1.00000000000000000001" in text_of(told)
    assert document("raw", Read(b"\xff"), unmasked=True)["base64"] == "/w=="


def test_a_key_that_was_deleted_has_no_value() -> None:
    told = document("order-state", Read(None), unmasked=False)
    assert (told["bytes"], told["body"]) == (None, None)
    assert "was deleted" in text_of(told)
