"""Sessions of browsers, which cannot show a bearer key: a form posts it once, and a signed cookie stands for it.

A cookie is signed with a key made of the very API key that opened it. So every worker with the same API keys accepts
it, whichever a load balancer chooses and however often they restart; an API key that is added logs nobody out, and one
that is taken away logs out who came by it.
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
"""One among others, in a time that grows with their size. Blanks and commas end a cookie, too, as for aiohttp: a proxy
may join headers as it does others. A session has none of them."""
_AHEAD_S: Final = 3600
"""So far the clock of the worker that opened a session may be ahead of ours: Kafka takes no records of one further
ahead."""
_MOST_CHARACTERS: Final = 200
_LABEL: Final = b"newstore-kafka-bridge console session 1"


class Sessions:
    """`clock`: seconds since 1970."""

    def __init__(self, keys: BearerKeys, clock: Callable[[], float] = time.time) -> None:
        self._keys, self._clock = keys, clock

    @property
    def are_needed(self) -> bool:
        """Whether a key is asked for at all."""
        return self._keys.in_force is not None

    def open(self, given: str) -> str | None:
        """The cookie of a new session; None: what was given is none of the keys in force."""
        shown = given.strip().encode("utf-8", "surrogatepass")
        # Every key is compared, so the time taken tells nothing about any of them.
        fitting = [key for key in self._keys.in_force or () if hmac.compare_digest(shown, key)]
        if not fitting:
            return None
        said = f"{int(self._clock()) + LIFE_S}.{secrets.token_hex(8)}"
        return f"{said}.{_signature(fitting[0], said)}"

    def caller(self, cookie: str | None) -> Caller | None:
        """Who asks with this cookie; None: nobody who may, or no more."""
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
    """The cookie of a session that a request brings, the last one if there are several; None: it has none. aiohttp
    would parse them all, 0.1 s for 60 kB, of anybody."""
    found = _SHOWN.findall(";".join(headers.getall(COOKIE_HEADER, ())))
    return found[-1] if found else None


def _signature(key: bytes, said: str) -> str:
    own = hmac.digest(key, _LABEL, "sha256")
    return hmac.new(own, said.encode("utf-8", "surrogateescape"), "sha256").hexdigest()
