"""An event's identity: its idempotency key, its payload's hash and its instant."""

from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from schemas.envelope import Envelope
from schemas.exact_json import canonical
from schemas.instant import instant_of
from schemas.key_rule import KeyRule
from schemas.routing import record_key
from schemas.text import percent_encode

_MAX_KEY_BYTES: Final = 200
_digest: Final = partial(blake2b, digest_size=16)


class Identity(NamedTuple):
    """Two deliveries of one event have the same tenant, name and key.

    `ce_id` is `<tenant>/<event name>/<key>` in ASCII. Tenant, event name and each part of the key are percent-encoded;
    colons join the parts. A key of more than 200 bytes is replaced by `h:` and 32 hex digits of its hash.
    `payload_hash` is `v1:` and 32 hex digits, `instant` is as `instant.instant_of` gives it, `entity_key` is the
    cleaned record's key.
    """

    tenant: str
    name: str
    ce_id: str
    payload_hash: str
    instant: str
    entity_key: str


def identify(envelope: Envelope, rule: KeyRule) -> Identity:
    """Return the identity of an event under the rule of its name."""
    tenant, name, payload = envelope.tenant, envelope.name, envelope.payload
    payload_hash = payload_hash_of(payload)
    instant = instant_of(envelope.published_at)
    key = ":".join(map(percent_encode, rule.parts(payload, [payload_hash, instant])))
    if len(key) > _MAX_KEY_BYTES:
        key = f"h:{_digest(key.encode()).hexdigest()}"
    ce_id = f"{_encoded(tenant)}/{_encoded(name)}/{key}"
    return Identity(tenant, name, ce_id, payload_hash, instant, record_key(name, payload))


def payload_hash_of(payload: Mapping[str, Any]) -> str:
    """Return `v1:` and the hex digits of blake2b over the payload's canonical JSON."""
    return f"v1:{_digest(canonical(payload)).hexdigest()}"


_encoded = lru_cache(maxsize=1024)(percent_encode)  # a tenant has few event names
