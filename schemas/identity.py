"""What makes an event itself: its idempotency key, its payload's hash and its instant."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from schemas.envelope import Envelope
from schemas.exact_json import canonical
from schemas.instant import instant_of
from schemas.key_rule import KeyRule
from schemas.keytable import KeyTable
from schemas.routing import record_key
from schemas.text import percent_encode

_MAX_KEY_BYTES: Final = 200
_DIGEST_BYTES: Final = 16


class Identity(NamedTuple):
    """Two deliveries of one event have the same tenant, name and key.

    `key` is the contract's key string, `payload_hash` is `v1:` and 32 hex digits, `instant` is as
    `instant.instant_of` gives it, `entity_key` is the cleaned record's key.
    """

    tenant: str
    name: str
    key: str
    payload_hash: str
    instant: str
    entity_key: str

    @property
    def ce_id(self) -> str:
        """`<tenant>/<event name>/<key string>`, the first two percent-encoded: ASCII."""
        return f"{_encoded(self.tenant)}/{_encoded(self.name)}/{self.key}"


def identify(envelope: Envelope, table: KeyTable) -> Identity:
    """Return the identity of an event under the rules of `table`."""
    payload_hash = payload_hash_of(envelope.payload)
    instant = instant_of(envelope.published_at)
    parts = _key_parts(envelope.payload, table.rule(envelope.name), [payload_hash, instant])
    return Identity(
        tenant=envelope.tenant,
        name=envelope.name,
        key=key_string(parts),
        payload_hash=payload_hash,
        instant=instant,
        entity_key=record_key(envelope.name, envelope.payload),
    )


def payload_hash_of(payload: Mapping[str, Any]) -> str:
    """Return `v1:` and the hex digits of blake2b over the payload's canonical JSON."""
    return f"v1:{_digest(canonical(payload))}"


def key_string(parts: list[str]) -> str:
    """Join a key's percent-encoded parts by `:`; over 200 bytes, `h:` and its hash in 32 hex digits."""
    key = ":".join(map(percent_encode, parts))
    return key if len(key) <= _MAX_KEY_BYTES else f"h:{_digest(key.encode())}"


def _key_parts(payload: Mapping[str, Any], rule: KeyRule, content_key: list[str]) -> list[str]:
    """Return the rule's parts; the content key alone if one of its fields is absent."""
    parts: list[str] = []
    for path in rule.paths:
        found = path.parts(payload)
        if found is None:
            return content_key
        parts += found
    return parts + content_key if rule.content else parts


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


_encoded = lru_cache(maxsize=1024)(percent_encode)  # a tenant has few event names
