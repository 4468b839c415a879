"""One token for all connections of a process, fetched in the background: an endpoint that hangs or fails holds up
nobody who can use the present token.

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
"""New connections use a token for this share of its life: brokers' clocks differ, and connecting takes time."""
SPARE_S: Final = 5.0
"""Without a new token, the former one is used until this long before its end."""
DEADLINE_S: Final = 15.0
"""Without a valid token, wait this long for a fetch, from its beginning on."""
PREFERENCE_S: Final = 1.0
"""With a former token that is still valid, or after the deadline, wait this long for a fetch."""
AGAIN_S: Final = 1.0
"""For this long, a failure is the answer to all who ask."""
UNTRIED_S: Final = 15.0
"""A token stays if it is refused on a connection that began sooner than this after it came: brokers may refuse the next
one, too, and endpoints bound how often they are asked."""


class Token(NamedTuple):
    """`lasts_s`: seconds from when it was asked for. None: the endpoint does not say; only those who waited get it."""

    value: str
    lasts_s: float | None


class NoTokenError(KafkaConnectionError):  # type: ignore[misc]  # aiokafka is not followed by mypy
    """The token endpoint does not answer, or not with a token; asked again with the next connection."""


class RefusedTokenError(SaslAuthenticationFailed):  # type: ignore[misc]  # as above
    """The token endpoint refuses this client a token."""


class _Held(NamedTuple):
    value: str = ""
    came_at: float = -math.inf
    fresh_until: float = -math.inf
    valid_until: float = -math.inf


class SharedTokens(AbstractTokenProvider):  # type: ignore[misc]  # as above
    """Gives the last token of `fetch` while it is fresh. `fetch` blocks; it runs once at a time, in a daemon thread of
    its own: a process that ends does not wait for it, and no other work waits for its place in a pool."""

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
        """A fresh token, or the former one while it is valid and there is no new one. RefusedTokenError: the endpoint
        refuses one. NoTokenError: nobody gives one."""
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
        """A broker has refused the token of a connection that `began` then: the next connection fetches a new one.
        Until that comes, the former serves: other brokers may take it."""
        with self._lock:
            if began >= self._held.came_at + UNTRIED_S:
                self._held = self._held._replace(fresh_until=-math.inf)

    def extensions(self) -> dict[str, str]:
        """What Kafka is told beside the token (KIP-342)."""
        return self._extensions

    def _fetched(self, now: float) -> "Future[str]":
        """The fetch that runs, or has just failed; else a new one. Called under the lock."""
        if self._fetching is not None and (not self._fetching.done() or now < self._again_at):
            return self._fetching
        fetching: Future[str] = Future()
        fetching.set_running_or_notify_cancel()  # so that a waiter that gives up does not cancel it for the others
        try:
            threading.Thread(target=self._run, args=(fetching,), name="token", daemon=True).start()
        except RuntimeError as error:
            raise NoTokenError(f"no thread can be had to ask for a token ({error})") from error
        self._fetching, self._began = fetching, now
        return fetching

    def _run(self, fetching: "Future[str]") -> None:
        try:
            found = self._fetch()
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
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
