"""What a command says while it waits for a first answer: to whom it connects, and after a while that nothing comes.

Of brokers one that answers is enough, and one that is frozen can still hold a client up for as long as it waits for
an answer: so each that says nothing is named.
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
"""What takes no longer needs no word."""
PATIENCE_S: Final = 3.0
SLOW_S: Final = 10.0
"""One that answers is heard later than it does by a command that is at work."""
DOCTOR: Final = " (`bridge doctor` tells a broker that is frozen from one that is not there)"


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have the work go on until the block ends, and give it up then."""
    working = asyncio.create_task(work)
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})


@asynccontextmanager
async def waiting_for(whom: str, advice: str = "") -> AsyncIterator[asyncio.Event]:
    """Says so on stderr until the event is set, or the block ends: at a terminal that it connects, and anywhere that
    nothing has come for `PATIENCE_S`, with `advice`. It ends nothing: how long to wait is the block's own matter."""
    heard = asyncio.Event()
    async with beside(_tell(whom, heard, advice)):
        yield heard


def connecting_to(whom: str) -> AbstractAsyncContextManager[None]:
    """Says so at a terminal, unless the block soon ends: it tells by itself who has not answered."""
    return beside(_tell_at_a_terminal(whom))


@dataclass(slots=True)
class Contact:
    """Whether any broker has let us in, and which ones have said nothing by then."""

    answers: bool = False
    silent: Sequence[str] = ()


@asynccontextmanager
async def waiting_for_kafka(settings: Settings) -> AsyncIterator[Contact]:
    """The same for whatever the block asks of Kafka: connections of its own find out whether anybody answers."""
    contact, whom = Contact(), ", ".join(settings.kafka_bootstrap_servers)
    async with waiting_for(whom, DOCTOR) as heard, beside(_touch(settings, heard, contact)):
        yield contact


async def _touch(settings: Settings, heard: asyncio.Event, contact: Contact) -> None:
    """Until somebody answers, or refuses: the block gets the same, and tells it. Then it is said who does not."""
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
    """The settings with those of several brokers alone that answer at once: a client asks one after the other, and
    waits for each. And the same with those that do not; None: all do, or none does within `PATIENCE_S`."""
    try:
        connections = _connections(settings)
    except Refusal:
        return settings, None
    if len(connections) == 1:
        return settings, None  # whatever it says, the client hears the same
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
    """Whether any of the brokers does within `SLOW_S`; also where it cannot be asked, for another reason."""
    try:
        connections = _connections(settings)
    except Refusal:
        return True
    async with _connecting(connections) as connecting:
        await asyncio.wait(connecting, timeout=SLOW_S)
        return bool(_good(connecting))


async def unanswered(settings: Settings, seconds: float) -> list[str]:
    """Which of the brokers neither answer nor refuse for so long."""
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
    """A task for each, which is called as its broker is."""
    tasks = [asyncio.create_task(each.connect(), name=_address(each)) for each in connections]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        # Now: whoever waits for this may give it up, too. One that was given up closes itself.
        closing = [each.close() for each in connections if each.connected()]
        await asyncio.gather(*tasks, *closing, return_exceptions=True)


def _address(connection: AIOKafkaConnection) -> str:
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return f"{host}:{connection.port}"


def _connections(settings: Settings) -> list[AIOKafkaConnection]:
    """One to each of the addresses in the settings: unlike a client, each leaves nothing open that is given up."""
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
    if sys.stderr.isatty():  # noqa: TID251 - it is asked, not written to
        say(f"connecting to {whom} …")


async def _comes_within(seconds: float, heard: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await heard.wait()
    except TimeoutError:
        return False
