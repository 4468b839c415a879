"""Sends deliveries over HTTP as NewStore does: at least once, several at a time, with retries by status code."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    InvalidURL,
    NonHttpUrlClientError,
    TCPConnector,
)

from bridge.refusals import NobodyAnswers
from commands.simulate.event import Delivery
from commands.simulate.run import Effect, SendingResult
from commands.terminal.no_answer import no_answer_in_words

_LONGEST_BACKOFF: Final = 16
"""Waits double up to this multiple of the first one."""

_NO_WEBHOOK: Final = (404, 405)
"""An ingress never answers these to a delivery: the path or the server is wrong."""


class Stream:
    """Whether the stream runs, as it does at first."""

    def __init__(self) -> None:
        self._running = asyncio.Event()
        self._running.set()

    async def running(self) -> None:
        """Wait until the stream runs."""
        await self._running.wait()

    def stop_for(self, seconds: float) -> bool:
        """Stop the stream for this long. False: it was already stopped, so calls under way do not stop it again."""
        if not self._running.is_set():
            return False
        self._running.clear()
        asyncio.get_running_loop().call_later(seconds, self._running.set)
        return True


@dataclass(frozen=True, slots=True)
class Sending:
    """How to send. Durations in seconds.

    `rate`: deliveries a second, None: as fast as they are accepted. `backoff`: the first wait after a 500 (it doubles),
    and how long an interrupted stream stands still, as if until somebody starts it. `throttled_for`: the wait after a
    429 (NewStore waits about a minute). `patience`: a delivery is given up this long after its first attempt.
    """

    url: str
    api_key: str | None = None
    concurrency: int = 16
    rate: float | None = None
    backoff: float = 0.2
    throttled_for: float = 60.0
    answer_within: float = 15.0
    patience: float = 300.0


async def send(
    deliveries: Iterable[Delivery], how: Sending, result: SendingResult, on_progress: Callable[[], None]
) -> None:
    """Send everything, count it in `result`, and call `on_progress` whenever a delivery is settled.

    NobodyAnswers: nothing was accepted yet, and nothing listens at the URL, or no ingress does, or the key is refused.
    """
    headers = {"Content-Type": "application/json"}
    if how.api_key is not None:
        headers["Authorization"] = f"Bearer {how.api_key}"
    queue = _paced(deliveries, how.rate)
    connector = TCPConnector(limit=how.concurrency)
    timeout = ClientTimeout(total=how.answer_within)
    async with ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
        caller = _Caller(session, how, result, Stream(), on_progress)
        lock = asyncio.Lock()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(how.concurrency):
                    group.create_task(_drain(queue, lock, caller))
        except ExceptionGroup as failures:  # all tasks fail for the same reason
            raise failures.exceptions[0] from None


async def _paced(deliveries: Iterable[Delivery], rate: float | None) -> AsyncIterator[Delivery]:
    clock = asyncio.get_running_loop().time
    start = clock()
    for number, delivery in enumerate(deliveries):
        if rate is not None and (wait := start + number / rate - clock()) > 0:
            await asyncio.sleep(wait)
        yield delivery


async def _drain(queue: AsyncIterator[Delivery], lock: asyncio.Lock, caller: "_Caller") -> None:
    while True:
        async with lock:  # an async generator serves one caller at a time
            delivery = await anext(queue, None)
        if delivery is None:
            return
        await caller.deliver(delivery)


@dataclass(frozen=True, slots=True)
class _Caller:
    session: ClientSession
    how: Sending
    result: SendingResult
    stream: Stream
    on_progress: Callable[[], None]

    async def deliver(self, delivery: Delivery) -> None:
        """Try until the receiver accepts or rejects, or patience ends."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.how.patience
        backoff = self.how.backoff
        self.result.sent(delivery)
        while (effect := await self._attempt(delivery, backoff)) not in {Effect.ACCEPTED, Effect.REJECTED}:
            wait = self.how.throttled_for if effect is Effect.THROTTLED else backoff
            if clock() + wait > deadline:
                self.result.given_up += 1
                break
            await asyncio.sleep(wait)
            self.result.retries += 1
            backoff = min(backoff * 2, self.how.backoff * _LONGEST_BACKOFF)
        self.on_progress()

    async def _attempt(self, delivery: Delivery, standstill: float) -> Effect:
        await self.stream.running()
        effect = self.result.answered(await self._status(delivery))
        if effect is Effect.INTERRUPTED and self.stream.stop_for(standstill):
            self.result.interruptions += 1
        return effect

    async def _status(self, delivery: Delivery) -> int | None:
        """The status code; None: no answer in time. NobodyAnswers: see `send`."""
        try:
            async with self.session.post(self.how.url, data=delivery.body) as response:
                await response.read()
        except (InvalidURL, NonHttpUrlClientError):
            raise NobodyAnswers(f"{self.how.url} is no address that begins with http:// or https://.") from None
        except ClientSSLError as error:
            self._give_up_at_once_if_new(f"No ingress answers at {self.how.url}: {no_answer_in_words(error)}.")
            return None
        except ClientConnectorError:
            self._give_up_at_once_if_new(f"Nothing listens at {self.how.url}: start `bridge ingress`.")
            return None
        except (ClientError, TimeoutError):
            return None
        if response.status == 401:
            self._give_up_at_once_if_new(f"{self.how.url} does not accept the key.")
        if response.status in _NO_WEBHOOK:
            self._give_up_at_once_if_new(f"{self.how.url} is no ingress: it answers {response.status}.")
        return response.status

    def _give_up_at_once_if_new(self, sentence: str) -> None:
        if not self.result.accepted:
            raise NobodyAnswers(sentence)
