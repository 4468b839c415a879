"""What a command says while it waits for a first answer: to whom it connects, and later that nothing comes.

One answering broker is enough, but a frozen one can still delay a client for a whole timeout. So each silent broker is
named.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, collect_hosts

from bridge.kafka.client import client_options
from bridge.printable import say
from bridge.refusals import Refusal
from bridge.settings import Settings

AT_ONCE_S: Final = 0.3
"""A shorter wait is not mentioned."""
PATIENCE_S: Final = 3.0
SLOW_S: Final = 10.0
"""Longer, as a busy command hears an answer later."""
DOCTOR: Final = " (`bridge doctor` tells a broker that is frozen from one that is not there)"


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the work beside the block; cancel it when the block ends."""
    working = asyncio.create_task(work)
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})


@asynccontextmanager
async def waiting_for(whom: str, advice: str = "") -> AsyncIterator[asyncio.Event]:
    """Report a wait on stderr until the event is set or the block ends. At a terminal, say after `AT_ONCE_S` that it
    connects; anywhere, say after `PATIENCE_S` that nothing came, with `advice`. The block decides how long to wait."""
    heard = asyncio.Event()
    async with beside(_tell(whom, heard, advice)):
        yield heard


def connecting_to(whom: str) -> AbstractAsyncContextManager[None]:
    """Say at a terminal that it connects, unless the block ends soon. The block itself reports who did not answer."""
    return beside(_tell_at_a_terminal(whom))


@dataclass(slots=True)
class Contact:
    """Whether any broker has let us in, and which ones were silent until then."""

    answers: bool = False
    silent: Sequence[str] = ()


@asynccontextmanager
async def waiting_for_kafka(settings: Settings) -> AsyncIterator[Contact]:
    """The same for requests to Kafka: separate connections find out whether a broker answers."""
    contact, whom = Contact(), ", ".join(settings.kafka_bootstrap_servers)
    async with waiting_for(whom, DOCTOR) as heard, beside(_touch(settings, heard, contact)):
        yield contact


async def _touch(settings: Settings, heard: asyncio.Event, contact: Contact) -> None:
    """Wait until a broker answers or refuses, which the block sees and reports itself. Then name the silent ones."""
    try:
        connections = _connections(settings)
    except Refusal:
        heard.set()
        return
    async with _connecting(connections) as connecting:
        until = asyncio.get_running_loop().time() + PATIENCE_S
        await asyncio.wait(connecting, return_when=asyncio.FIRST_COMPLETED)
        heard.set()
        left_s = until - asyncio.get_running_loop().time()
        if left_s > 0 and not all(task.done() for task in connecting):
            await asyncio.wait(connecting, timeout=left_s)
        contact.answers, contact.silent = bool(_good(connecting)), _silent(connecting)
        for each in contact.silent:
            say(f"no answer from {each} within {PATIENCE_S:g} s, which makes this slow; `bridge doctor` looks at it")


async def answering(settings: Settings) -> tuple[Settings, Settings | None]:
    """Settings with only the brokers that answer at once, and settings with only the silent ones. A client asks brokers
    one after the other, and waits for each.

    None instead of the second: all brokers answer, none does within `PATIENCE_S`, or there is only one.
    """
    try:
        connections = _connections(settings)
    except Refusal:
        return settings, None
    if len(connections) == 1:
        return settings, None  # the client gets the same answer
    async with _connecting(connections) as connecting:
        await asyncio.wait(connecting, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not all(task.done() for task in connecting):
            await asyncio.wait(connecting, timeout=AT_ONCE_S)
        good = _good(connecting)
        silent = _silent(connecting)
    if not (good and silent):
        return settings, None
    return _with(settings, good), _with(settings, silent)


async def answers(settings: Settings) -> bool:
    """Whether any broker answers within `SLOW_S`; True, too, if they cannot be asked for another reason."""
    try:
        connections = _connections(settings)
    except Refusal:
        return True
    async with _connecting(connections) as connecting:
        await asyncio.wait(connecting, timeout=SLOW_S)
        return bool(_good(connecting))


async def unanswered(settings: Settings, seconds: float) -> list[str]:
    """The brokers that neither answer nor refuse within this time."""
    async with _connecting(_connections(settings)) as connecting:
        await asyncio.wait(connecting, timeout=max(0.0, seconds))
        return _silent(connecting)


def _with(settings: Settings, servers: Sequence[str]) -> Settings:
    return settings.model_copy(update={"kafka_bootstrap_servers": tuple(servers)})


def _good(connecting: Iterable[asyncio.Task[Any]]) -> list[str]:
    return [task.get_name() for task in connecting if task.done() and task.exception() is None]


def _silent(connecting: Iterable[asyncio.Task[Any]]) -> list[str]:
    return [task.get_name() for task in connecting if not task.done()]


@asynccontextmanager
async def _connecting(connections: Sequence[AIOKafkaConnection]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """A task for each connection, named by its address."""
    tasks = [asyncio.create_task(each.connect(), name=_address(each)) for each in connections]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        # Close now: whoever waits may be cancelled, too. A cancelled connection closes itself.
        closing = [each.close() for each in connections if each.connected()]
        await asyncio.gather(*tasks, *closing, return_exceptions=True)


def _address(connection: AIOKafkaConnection) -> str:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return f"{host}:{connection.port}"


def _connections(settings: Settings) -> list[AIOKafkaConnection]:
    """One for each address in the settings. Unlike a client, a cancelled one leaves nothing open."""
    options = client_options(settings)
    addresses = collect_hosts(options.pop("bootstrap_servers"), False)
    return [AIOKafkaConnection(host, port, **options) for host, port, _ in addresses]


async def _tell(whom: str, heard: asyncio.Event, advice: str) -> None:
    if await _comes_within(AT_ONCE_S, heard):
        return
    _say_at_a_terminal(whom)
    if not await _comes_within(PATIENCE_S - AT_ONCE_S, heard):
        say(f"no answer from {whom} within {PATIENCE_S:g} s; still waiting{advice}")


async def _tell_at_a_terminal(whom: str) -> None:
    await asyncio.sleep(AT_ONCE_S)
    _say_at_a_terminal(whom)


def _say_at_a_terminal(whom: str) -> None:
    if sys.stderr.isatty():  # noqa: TID251 - only asked, not written to
        say(f"connecting to {whom} …")


async def _comes_within(seconds: float, heard: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await heard.wait()
    except TimeoutError:
        return False
