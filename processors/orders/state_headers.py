"""CloudEvents headers of an order's state and lines: the bridge itself says what has changed.

A deletion has no headers: without a value there is no event.
"""

from functools import lru_cache
from typing import NamedTuple

from schemas.cloud_events import LINE_CHANGED, STATE_CHANGED, own_source, schema_urn
from schemas.headers import (
    CE_DATASCHEMA,
    CE_ID,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_SUBJECT,
    CE_TIME,
    CE_TYPE,
    CONTENT_TYPE,
    Headers,
    source_of,
)
from schemas.instant import rfc3339_millis


class Made(NamedTuple):
    """One document of an order: number `revision`, by version `rules` of the rules, at `timestamp` (ms).

    An order that begins anew has its first revision a second time, so an event's id has the time, too.
    """

    tenant: str
    revision: int
    rules: int
    timestamp: int


def state_headers(order_id: bytes, made: Made) -> Headers:
    """Headers of the record that is the order's state."""
    return [
        _id(order_id, made),
        *_about(order_id, made),
        *_of_all(made.tenant, made.rules, "order-state", STATE_CHANGED),
    ]


def line_headers(key: bytes, shared: Headers, made: Made) -> Headers:
    """Headers of the record that is one of its lines; `shared` is from `shared_by_lines`."""
    return [_id(key, made), *shared]


def shared_by_lines(order_id: bytes, made: Made) -> Headers:
    """Headers that all lines of a document share, made once for them."""
    return [*_about(order_id, made), *_of_all(made.tenant, made.rules, "order-lines", LINE_CHANGED)]


def _id(key: bytes, made: Made) -> tuple[str, bytes]:
    return CE_ID, b"%s/%d/%d" % (key, made.revision, made.timestamp)


def _about(order_id: bytes, made: Made) -> Headers:
    return [(CE_SUBJECT, order_id), (CE_TIME, rfc3339_millis(made.timestamp).encode())]


@lru_cache(maxsize=32)
def _of_all(tenant: str, rules: int, dataset: str, ce_type: bytes) -> Headers:
    return [
        (CE_SPECVERSION, b"1.0"),
        (CE_TYPE, ce_type),
        (CE_SOURCE, own_source(source_of(tenant), dataset)),
        (CE_DATASCHEMA, f"{schema_urn(dataset)}:{rules}".encode()),
        (CONTENT_TYPE, b"application/json"),
    ]
