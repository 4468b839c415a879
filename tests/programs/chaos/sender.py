"""Posts deliveries to every ingress, again and again until one of them says 200."""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.integration.exactly_once.deliveries import Delivery
from tests.integration.exactly_once.deployment import BEARER
from tests.integration.waiting import wait_until
from tests.programs.checker.meaning import Meaning

_AT_ONCE = 48
_TIMEOUT = 8.0  # seconds: before a frozen ingress goes on, and before a slow one gives up by itself
_PAUSE = 0.2


class Sender:
    """`sent` counts how often each body was answered 200. `meanings` has every body that was tried.

    `traces` has the body of each 200 by the `traceparent` of its attempt, which no other attempt has.
    """

    def __init__(self, stream: Iterator[Delivery], ports: Sequence[int]) -> None:
        self.sent: Counter[bytes] = Counter()
        self.traces: dict[str, bytes] = {}
        self.meanings: dict[bytes, Meaning | None] = {}
        self.answers: Counter[str] = Counter()
        self._stream, self._attempts = stream, itertools.count(1)
        self._urls = [f"http://127.0.0.1:{port}/webhooks/newstore" for port in ports]
        self._stop, self._give_up, self._silent = threading.Event(), threading.Event(), threading.Event()
        self._under_way, self._between = 0, 0.0

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Send deliveries as fast as they are accepted. At the end deliver all that were begun, unless the block
        failed: there may be nobody left to accept them."""
        thread = threading.Thread(target=lambda: asyncio.run(self._flow()), daemon=True)
        thread.start()
        try:
            yield
        except BaseException:
            self._give_up.set()
            raise
        finally:
            self._stop.set()
            thread.join()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """In the block no delivery is begun; those that were begun are sent until they are accepted."""
        self._silent.set()
        try:
            yield
        finally:
            self._silent.clear()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """The same, but the block begins once all of them are accepted: nothing is on its way to Kafka."""
        with self.silent():
            wait_until("all that was begun is accepted", lambda: not self._under_way, lambda: dict(self.answers))
            yield

    @contextmanager
    def trickling(self, per_second: float) -> Iterator[None]:
        """In the block about so many deliveries are begun a second: what lasts for minutes need not fill the disk."""
        before, self._between = self._between, _AT_ONCE / per_second
        try:
            yield
        finally:
            self._between = before

    @contextmanager
    def remembering(self) -> Iterator[list[Delivery]]:
        """Give the deliveries that are begun in the block."""
        begun, stream = list[Delivery](), self._stream

        def remembered() -> Iterator[Delivery]:
            for delivery in stream:
                begun.append(delivery)
                yield delivery

        self._stream = remembered()
        try:
            yield begun
        finally:
            self._stream = stream

    def repeat(self, deliveries: Sequence[Delivery]) -> None:
        """Send these before anything else."""
        self._stream = itertools.chain(deliveries, self._stream)

    async def _flow(self) -> None:
        timeout, connector = ClientTimeout(total=_TIMEOUT), TCPConnector(limit=_AT_ONCE)
        headers = {**BEARER, "Content-Type": "application/json"}
        async with (
            ClientSession(timeout=timeout, connector=connector, headers=headers) as session,
            asyncio.TaskGroup() as group,
        ):
            for number in range(_AT_ONCE):
                group.create_task(self._send_many(session, number))

    async def _send_many(self, session: ClientSession, first: int) -> None:
        """Use one ingress as long as it accepts what it gets: one that hangs holds up its share only."""
        while not self._stop.is_set():
            if self._silent.is_set():
                await asyncio.sleep(_PAUSE)
                continue
            self._under_way += 1
            accepted = await self._deliver(session, next(self._stream), first)
            self._under_way -= 1
            if not accepted:
                return
            await self._pause()

    async def _deliver(self, session: ClientSession, delivery: Delivery, first: int) -> bool:
        """Try again and again until it is accepted; False: nobody may be left to do so."""
        self.meanings[delivery.body] = delivery.meaning
        for attempt in itertools.count(first):
            if await self._accepted(session, self._urls[attempt % len(self._urls)], delivery.body):
                return True
            if self._give_up.is_set():
                return False
            await asyncio.sleep(_PAUSE)
        raise AssertionError("there is always one more attempt")

    async def _pause(self) -> None:
        until = time.monotonic() + self._between
        while self._between and time.monotonic() < until and not self._stop.is_set():
            await asyncio.sleep(_PAUSE)

    async def _accepted(self, session: ClientSession, url: str, body: bytes) -> bool:
        number = next(self._attempts)
        trace = f"00-{number:032x}-{number:016x}-01"
        try:
            async with session.post(url, data=body, headers={"traceparent": trace}) as answer:
                await answer.read()
                status = str(answer.status)
        except (ClientError, TimeoutError) as error:
            status = type(error).__name__
        self.answers[status] += 1
        if status == "200":
            self.traces[trace] = body
            self.sent[body] += 1
        return status == "200"
