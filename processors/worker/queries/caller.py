"""Who asks: the name for the log, and the header for other workers."""

from dataclasses import dataclass

from aiohttp.hdrs import AUTHORIZATION
from multidict import MultiMapping

from bridge.http.bearer_keys import BearerKeys


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is for the log and never a secret: `key 1`, `session …`, `anybody` without keys, or `bridge` for this
    worker itself.

    `authorization` is the header that the caller sent. It is None for a session of this worker and for the worker
    itself: for these, other workers are shown this worker's first key.
    """

    name: str
    authorization: str | None = None


def bearer(keys: BearerKeys, headers: MultiMapping[str]) -> Caller | None:
    """The caller that a request's headers admit; None: they admit nobody."""
    number = keys.key_number(headers)
    if number is None:
        return None
    return Caller(f"key {number}" if number else "anybody", headers.get(AUTHORIZATION))
