"""The headers of dedupe's outputs: those of the raw record, and those that make each output its own CloudEvent.

Raw records lack the latter: they can be derived, and would be stored with every delivery.
"""

from collections.abc import Mapping
from functools import lru_cache

from processors.dedupe.raw_event import RawEvent
from schemas import headers as header
from schemas.cloud_events import CONFLICTED, event_schema, own_source
from schemas.headers import CachedIdentity, Headers


def cleaned_headers(event: RawEvent, source: bytes) -> Headers:
    """Headers of an event's cleaned record; `source` is `<raw partition>:<raw offset>`."""
    return [*event.carrier.headers, *added_headers(event.identity, source)]


def added_headers(identity: CachedIdentity, source: bytes) -> Headers:
    """Headers of a cleaned record that the raw record does not have. An event without any id has its name as its key,
    which is no subject."""
    name, dataschema = _constants(identity.name)
    key = identity.entity_key
    headers = [(header.SOURCE, source), (header.CE_BRIDGE_SOURCE, source), dataschema]
    if key != name:
        headers.append((header.CE_SUBJECT, key))
    return headers


def passed_on(headers: Headers, payload_hash: bytes) -> Headers:
    """Headers of a conflict in its cleaned topic, at once or when it is accepted: with an id of its own, and marked."""
    marks = [(header.CONFLICT, b"true"), (header.CE_BRIDGE_CONFLICT, b"true")]
    return [*_with_own_id(headers, payload_hash, {}), *marks]


def conflict_headers(headers: Headers, identity: CachedIdentity, first: bytes) -> Headers:
    """Headers of a conflict in the conflicts topic: there it is no event of NewStore's, but the bridge's finding about
    one.

    `headers` are those of the cleaned record, `first` is `<partition>:<offset>` of the first raw record under the key.
    """
    found = dict(headers)
    own = {header.CE_TYPE: CONFLICTED, header.CE_SOURCE: own_source(found[header.CE_SOURCE], "conflicts")}
    about = [
        (header.FIRST_SOURCE, first),
        (header.CE_BRIDGE_FIRST_SOURCE, first),
        (header.CE_BRIDGE_EVENT, found[header.CE_TYPE]),
    ]
    return [*_with_own_id(headers, identity.payload_hash, own), *about]


def _with_own_id(headers: Headers, payload_hash: bytes, own: Mapping[str, bytes]) -> Headers:
    return [
        (name, b"%s~%s" % (value, payload_hash) if name == header.CE_ID else own.get(name, value))
        for name, value in headers
    ]


@lru_cache(maxsize=1024)
def _constants(event_name: str) -> tuple[bytes, tuple[str, bytes]]:
    return event_name.encode(), (header.CE_DATASCHEMA, event_schema(event_name))
