"""Sessions of browsers. A browser cannot send a bearer key, so a form posts the key once, and a signed cookie stands
for it.

A cookie is signed with a key derived from the API key that opened it. So every worker with the same API keys accepts
it, also after a restart. An added key logs nobody out. A key that is taken away logs out those who came by it.
"""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

from aiohttp.hdrs import COOKIE as COOKIE_HEADER
from multidict import MultiMapping

from bridge.http.bearer_keys import BearerKeys
from processors.worker.queries.caller import Caller

COOKIE: Final = "bridge_console"
LIFE_S: Final = 12 * 3600
_SHOWN: Final = re.compile(rf'(?:^|[;,\s]){COOKIE}\s*=\s*"?([^\s;,"]*)')
"""Finds the session's cookie among others, in linear time. Blanks and commas also end a cookie, as in aiohttp: a proxy
may join headers with a comma. A session's cookie contains neither."""
_AHEAD_S: Final = 3600
"""How far the clock of the worker that opened a session may be ahead of ours. Kafka takes no records from a clock that
is further ahead."""
_MOST_CHARACTERS: Final = 200
_LABEL: Final = b"newstore-kafka-bridge console session 1"


class Sessions:
    """Opens and checks sessions. `clock`: seconds since 1970."""

    def __init__(self, keys: BearerKeys, clock: Callable[[], float] = time.time) -> None:
        self._keys, self._clock = keys, clock

    @property
    def are_needed(self) -> bool:
        """Whether callers need a key at all."""
        return self._keys.in_force is not None

    def open(self, given: str) -> str | None:
        """The cookie of a new session; None: `given` is no key in force."""
        shown = given.strip().encode("utf-8", "surrogatepass")
        # Every key is compared, so the time taken tells nothing about them.
        fitting = [key for key in self._keys.in_force or () if hmac.compare_digest(shown, key)]
        if not fitting:
            return None
        said = f"{int(self._clock()) + LIFE_S}.{secrets.token_hex(8)}"
        return f"{said}.{_signature(fitting[0], said)}"

    def caller(self, cookie: str | None) -> Caller | None:
        """Who asks with this cookie; None: the cookie is not valid, or no longer."""
        if self._keys.in_force is None:
            return Caller("anybody")
        said, _, signature = (cookie or "")[:_MOST_CHARACTERS].rpartition(".")
        expires, _, name = said.partition(".")
        signed = signature.encode("utf-8", "surrogateescape")
        fits = [hmac.compare_digest(signed, _signature(key, said).encode()) for key in self._keys.in_force]
        if not any(fits) or not 0 < int(expires) - self._clock() <= LIFE_S + _AHEAD_S:
            return None
        return Caller(f"session {name}")


def shown_in(headers: MultiMapping[str]) -> str | None:
    """The session's cookie in a request, the last one if there are several; None: it has none. aiohttp would parse all
    cookies, which takes 0.1 s for 60 kB, from anybody."""
    found = _SHOWN.findall(";".join(headers.getall(COOKIE_HEADER, ())))
    return found[-1] if found else None


def _signature(key: bytes, said: str) -> str:
    own = hmac.digest(key, _LABEL, "sha256")
    return hmac.new(own, said.encode("utf-8", "surrogateescape"), "sha256").hexdigest()
