"""Who asks: what the log names, and what other workers are shown."""

from dataclasses import dataclass

from aiohttp.hdrs import AUTHORIZATION
from multidict import MultiMapping

from bridge.http.bearer_keys import BearerKeys


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is what the log calls it: `key 1`, `session …`, `bridge` for this worker itself, never a secret.
    `authorization` is the header that it came with; None: of a session of this worker's, or of itself, for which other
    workers are shown this worker's own first key."""

    name: str
    authorization: str | None = None


def bearer(keys: BearerKeys, headers: MultiMapping[str]) -> Caller | None:
    """The caller that a request's headers admit; None: nobody."""
    number = keys.key_number(headers)
    if number is None:
        return None
    return Caller(f"key {number}" if number else "anybody", headers.get(AUTHORIZATION))
