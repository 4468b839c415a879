"""Example records: bodies as NewStore sends them, with the keys and headers that acceptance makes."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

import schemas
from processors.dedupe.output_headers import cleaned_headers, conflict_headers
from processors.dedupe.raw_event import NewHeaders, RawEvent
from processors.orders.row import RULES_VERSION
from processors.orders.state_headers import Made, line_headers, shared_by_lines, state_headers
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.instant import epoch_millis
from schemas.keytable import KeyTable
from schemas.order_line import OrderLineKey
from schemas.oversize import oversize_stub

_FILES: Final = Path(schemas.__file__).with_name("examples")
_TENANT: Final = "demo-tenant"
_RECEIVED_AT_MS: Final = 1_609_752_602_117
_TRACEPARENT: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_NO_EVENT: Final = b'["temp"]'
_SOURCE: Final = b"3:1042"
_FIRST_SOURCE: Final = b"3:17"
_BY_NAME: Final = ("raw", "conflicts")
"""Datasets keyed by event name."""


class Example(NamedTuple):
    """One record. `headers`: texts by name; `value`: parsed JSON, or bytes if it is not JSON."""

    key: str | None
    headers: dict[str, str]
    value: Any


def event_body(name: str) -> dict[str, Any]:
    """An event in its real shape. If NewStore does not document its fields, only the certain ones are there."""
    file = _FILES / f"{name}.json"
    if file.exists():
        body: dict[str, Any] = orjson.loads(file.read_bytes())
        return body
    payload = {"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}
    return {"tenant": _TENANT, "name": name, "published_at": "2020-12-01T12:00:00.000Z", "payload": payload}


def event_record(dataset: str, name: str) -> Example:
    """An event's record in a topic of events."""
    body = event_body(name)
    headers = _of_event(dataset, _accepted(orjson.dumps(body)).headers)
    return Example(name if dataset in _BY_NAME else headers[header.ENTITY_KEY], headers, body)


def _of_event(dataset: str, raw: header.Headers) -> dict[str, str]:
    if dataset == "raw":
        return _texts(raw)
    identity = header.identity_from_headers(raw, table=KeyTable.shipped(), source=header.source_of(_TENANT))
    if identity is None:
        raise TypeError("an example is an event of another tenant")
    cleaned = cleaned_headers(RawEvent(identity, NewHeaders(raw)), _SOURCE)
    return _texts(conflict_headers(cleaned, identity, _FIRST_SOURCE) if dataset == "conflicts" else cleaned)


def order_state() -> Example:
    """The state of the order that the example events are about."""
    state = orjson.loads((_FILES / "order-state.json").read_bytes())
    return Example(state["order_id"], _texts(state_headers(state["order_id"].encode(), _made(state))), state)


def order_line() -> Example:
    """A line of that order."""
    line = orjson.loads((_FILES / "order-line.json").read_bytes())
    key = OrderLineKey.model_validate({name: line[name] for name in OrderLineKey.model_fields})
    made, text = _made(line), key.model_dump_json()
    headers = line_headers(text.encode(), shared_by_lines(line["order_id"].encode(), made), made)
    return Example(text, _texts(headers), line)


def _made(document: Mapping[str, Any]) -> Made:
    return Made(_TENANT, document["revision"], RULES_VERSION, epoch_millis(document["last_received_at"]))


def quarantined() -> Example:
    """A body that is JSON but no event."""
    refused = _accept(_NO_EVENT)
    return Example(None, _texts(refused.headers), refused.value)


def oversize() -> Example:
    """The stub of a body over the limit."""
    stub = oversize_stub(
        headers={"content-type": "application/json", "content-length": "9000000"},
        size=9_000_000,
        read=b"",
        received_at_ms=_RECEIVED_AT_MS,
        traceparent=None,
        tenant=_TENANT,
    )
    return Example(None, _texts(stub.headers), orjson.loads(stub.value))


def as_document(example: Example) -> dict[str, Any]:
    """The record as the schemas of `conflicts` and `quarantine` show it: JSON as text, other bytes in base64."""
    value = example.value
    text = b64encode(value).decode() if isinstance(value, bytes) else orjson.dumps(value).decode()
    return {"key": example.key, "headers": example.headers, "value": text}


def _accepted(body: bytes) -> Accepted:
    accepted = _accept(body)
    if not isinstance(accepted, Accepted):
        raise TypeError(f"an example is no event: {accepted.reason}")
    return accepted


def _accept(body: bytes) -> Any:
    return accept(
        body,
        content_encoding=None,
        tenant=_TENANT,
        table=KeyTable.shipped(),
        received_at_ms=_RECEIVED_AT_MS,
        traceparent=_TRACEPARENT,
    )


def _texts(headers: header.Headers) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}
