"""One token for all of a process's connections, fetched beside them: an endpoint that hangs or fails holds up nobody
who can do with the token that is there.

Clients live in several threads, each with an event loop of its own, and share one provider.
"""

import asyncio
import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final, NamedTuple

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from bridge.boottime import boottime

SHARE_OF_LIFE: Final = 0.8
"""A token is used for new connections for so much of its life: brokers' clocks differ, and connecting takes time."""
SPARE_S: Final = 5.0
"""While there is no new one, the former is used until so long before its end."""
DEADLINE_S: Final = 15.0
"""So long a fetch is waited for by who has no other token, from its beginning on."""
PREFERENCE_S: Final = 1.0
"""So long it is waited for by who has the former token, which is still valid, or comes after the deadline."""
AGAIN_S: Final = 1.0
"""So long a failure is the answer to all who ask."""
UNTRIED_S: Final = 15.0
"""A token that brokers refuse sooner after it came stays: they may refuse the next one, too, and endpoints bound how
often they are asked."""


class Token(NamedTuple):
    """`lasts_s`: seconds from when it was asked for; None: the endpoint does not say, so it serves those who waited."""

    value: str
    lasts_s: float | None


class NoTokenError(KafkaConnectionError):  # type: ignore[misc]  # aiokafka is not followed by mypy
    """The token endpoint does not answer, or not with a token; asked again with the next connection."""


class RefusedTokenError(SaslAuthenticationFailed):  # type: ignore[misc]  # as above
    """The token endpoint gives this client none."""


class _Held(NamedTuple):
    value: str = ""
    came_at: float = -math.inf
    fresh_until: float = -math.inf
    valid_until: float = -math.inf


class SharedTokens(AbstractTokenProvider):  # type: ignore[misc]  # as above
    """Gives the token that `fetch` gave last while it is fresh. `fetch` blocks; it runs once at a time, in a thread of
    its own: a process that ends waits for none, and no other work for its place in a pool."""

    def __init__(
        self, fetch: Callable[[], Token], extensions: Mapping[str, str], clock: Callable[[], float] = boottime
    ) -> None:
        self._fetch, self._extensions, self._clock = fetch, dict(extensions), clock
        self._lock = threading.Lock()
        self._held = _Held()
        self._fetching: Future[str] | None = None
        self._began = -math.inf
        self._again_at = -math.inf

    async def token(self) -> str:
        """A fresh token, or the former one while it is valid and there is no new one. RefusedTokenError: it is refused.
        NoTokenError: nobody gives one."""
        with self._lock:
            held, now = self._held, self._clock()
            if now < held.fresh_until:
                return held.value
            fetching = self._fetched(now)
            patience = max(PREFERENCE_S, self._began + DEADLINE_S - now)
        if now < held.valid_until:
            patience = PREFERENCE_S
        try:
            async with asyncio.timeout(patience):
                return await asyncio.wrap_future(fetching)
        except (NoTokenError, TimeoutError) as error:
            if self._clock() < held.valid_until:
                return held.value
            if isinstance(error, NoTokenError):
                raise
            raise NoTokenError(f"nobody gave a token within {DEADLINE_S:.0f} s") from None

    def refused(self, began: float) -> None:
        """A broker has refused what a connection came with that `began` then: a new token is fetched with the next one.
        Until that is there the former serves: others may take it."""
        with self._lock:
            if began >= self._held.came_at + UNTRIED_S:
                self._held = self._held._replace(fresh_until=-math.inf)

    def extensions(self) -> dict[str, str]:
        """What Kafka is told beside the token (KIP-342)."""
        return self._extensions

    def _fetched(self, now: float) -> "Future[str]":
        """What runs, or has just failed; else a new one. Called under the lock."""
        if self._fetching is not None and (not self._fetching.done() or now < self._again_at):
            return self._fetching
        fetching: Future[str] = Future()
        fetching.set_running_or_notify_cancel()  # so that nobody who gives up waiting cancels it for the others
        try:
            threading.Thread(target=self._run, args=(fetching,), name="token", daemon=True).start()
        except RuntimeError as error:
            raise NoTokenError(f"no thread can be had to ask for a token ({error})") from error
        self._fetching, self._began = fetching, now
        return fetching

    def _run(self, fetching: "Future[str]") -> None:
        try:
            found = self._fetch()
        except BaseException as error:  # noqa: BLE001 - who waits gets it, whatever it is
            with self._lock:
                self._again_at = self._clock() + AGAIN_S
                if isinstance(error, RefusedTokenError):
                    self._held = _Held()
            fetching.set_exception(error)
            return
        lasts_s = found.lasts_s or 0.0
        with self._lock:
            began = self._began
            self._held = _Held(found.value, self._clock(), began + lasts_s * SHARE_OF_LIFE, began + lasts_s - SPARE_S)
        fetching.set_result(found.value)
