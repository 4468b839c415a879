"""What is shown of a record: no personal data, unless asked for. Pure."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from bridge.kafka.reading import Record
from processors.orders.render.document import ATTRIBUTES, CUSTOMER, NOTE
from schemas import headers as header
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.exact_json import InvalidJson
from schemas.instant import rfc3339_millis
from schemas.masks import HIDDEN, masked
from schemas.topics import AGGREGATES

_SHOWN_HEADERS: Final = frozenset(
    value for name, value in vars(header).items() if name.isupper() and isinstance(value, str)
) - {header.ERROR_EXCEPTION}
"""The bridge's own headers, except the one that may quote a body."""


class Body(NamedTuple):
    """What is shown of a value: `json`, None if nothing is shown; `text` or `base64`: the value as it came, or None. If
    all are None, `hidden` says why."""

    json: Any = None
    text: str | None = None
    base64: str | None = None
    hidden: str = ""


def document(dataset: str, record: Record, *, unmasked: bool) -> dict[str, Any]:
    """A record as `-o json` prints it. `body`: JSON in which only listed fields are shown, null if nothing is.
    `unmasked`: nothing is hidden, and `text` or `base64` has the value as it came."""
    body = body_of(dataset, record.value, unmasked=unmasked)
    return {
        "topic": record.topic,
        "position": f"{record.partition}:{record.offset}",
        "received_at": rfc3339_millis(record.timestamp),
        "event": event_of(dataset, record),
        "key": None if record.key is None else _text(record.key),
        "headers": {name: _header(name, value, unmasked=unmasked) for name, value in record.headers},
        "bytes": None if record.value is None else len(record.value),
        "masked": not unmasked,
        "body": body.json,
        "text": body.text,
        "base64": body.base64,
        "hidden": body.hidden or None,
    }


def event_of(dataset: str, record: Record) -> str | None:
    """The name of a record's event; None: it has none, or none that can be read."""
    if dataset not in _EVENTS:
        return None
    # Records of conflicts and quarantine have a type of the bridge's own.
    told = None if dataset in _EVIDENCE else dict(record.headers).get(header.CE_TYPE)
    if told is not None:
        return _text(told)
    try:
        return read_envelope(record.value or b"").name
    except InvalidEnvelope:
        return None


def body_of(dataset: str, value: bytes | None, *, unmasked: bool) -> Body:
    """What is shown of a value in a topic of this dataset."""
    if value is None:
        return Body(hidden="no value: its key was deleted")
    show = _SHOW.get(dataset)
    try:
        json = show(value, unmasked) if show else None
    except (InvalidEnvelope, InvalidJson):
        json = None
    if unmasked:
        try:
            return Body(json, value.decode())
        except UnicodeDecodeError:
            return Body(json, base64=b64encode(value).decode())
    if json is None:
        what = "no event of NewStore's form" if dataset in _EVENTS else "not JSON"
        return Body(hidden=f"{what}: its {len(value):,} bytes are only shown unmasked")
    return Body(json)


def _of_event(value: bytes, unmasked: bool) -> Any:
    """Nothing is shown if it is not an envelope: any field may be personal."""
    if not unmasked:
        read_envelope(value)
    return masked(value, everything=unmasked)


def _of_state(value: bytes, unmasked: bool) -> Any:
    state = masked(value, everything=True)
    if unmasked or not isinstance(state, dict):
        return state
    if isinstance(order := state.get("order"), dict):
        state["order"] = _without(order, CUSTOMER, ATTRIBUTES)
    if isinstance(requests := state.get("refund_requests"), dict):
        state["refund_requests"] = {
            key: _without(request, NOTE) if isinstance(request, dict) else HIDDEN for key, request in requests.items()
        }
    return state


def _as_it_is(value: bytes, _unmasked: bool) -> Any:
    return masked(value, everything=True)


_EVIDENCE: Final = frozenset({"conflicts", "quarantine"})
_EVENTS: Final = _EVIDENCE | {"raw", *AGGREGATES}
_SHOW: Final[Mapping[str, Callable[[bytes, bool], Any]]] = {
    **dict.fromkeys(_EVENTS, _of_event),
    "order-state": _of_state,
    "order-lines": _as_it_is,  # has no personal fields
    "rules": _as_it_is,
    "backfill": _as_it_is,
}
"""By dataset; others are not JSON."""


def _without(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: HIDDEN if name in names and value is not None else value for name, value in fields.items()}


def _header(name: str, value: bytes | None, *, unmasked: bool) -> str:
    return _text(value or b"") if unmasked or name in _SHOWN_HEADERS else HIDDEN


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
