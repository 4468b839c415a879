"""The types and sources of the bridge's own CloudEvents, and the names of schemas.

An event keeps NewStore's name as its type, and has `/newstore/<tenant>` as its source. What the bridge itself says
(order states and lines, conflicts, quarantine) has a source below that. So source and id together are unique, as
CloudEvents demands, whichever topics are read together.
"""

from functools import lru_cache
from typing import Final

from schemas.events import EVENT_NAMES

URN: Final = "urn:newstore-kafka-bridge:v1"

STATE_CHANGED: Final = b"bridge.order_state.changed"
LINE_CHANGED: Final = b"bridge.order_line.changed"
CONFLICTED: Final = b"bridge.event.conflicted"
QUARANTINED: Final = b"bridge.body.quarantined"
"""Values of the header `ce_type`."""

_KNOWN: Final = frozenset(EVENT_NAMES)


def schema_urn(name: str) -> str:
    """Return the `$id` of a published schema: a name, not an address. `name` is as in `schemas/generated`."""
    return f"{URN}:{name.replace('/', ':')}"


@lru_cache(maxsize=1024)
def event_schema(event_name: str) -> bytes:
    """Return the header `ce_dataschema` of an event: its schema, or the envelope's if its name is not documented."""
    return schema_urn(f"events/{event_name}" if event_name in _KNOWN else "envelope").encode()


@lru_cache(maxsize=64)
def own_source(source: bytes, dataset: str) -> bytes:
    """Return the header `ce_source` of the bridge's own records in a topic; `source` is that of the tenant's events."""
    return b"%s/%s" % (source, dataset.encode())
