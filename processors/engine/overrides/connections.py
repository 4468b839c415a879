"""Connections to brokers, each made by itself."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection, CloseReason, collect_hosts, create_conn
from aiokafka.protocol.api import Request

_CONNECT_S = 10.0
_CLOSE_S = 1.0


def ask_first(owner: AIOKafkaConsumer | AIOKafkaProducer, brokers: Collection[str]) -> None:
    """Have the owner's client ask only these brokers, as ``host:port``; all that it knows if it knows none of these."""
    cluster = (owner.client if isinstance(owner, AIOKafkaProducer) else owner._client).cluster
    known = cluster.brokers

    def preferred() -> set[Any]:
        every: set[Any] = known()
        return {each for each in every if str(Address(each.host, each.port)) in brokers} or every

    cluster.brokers = preferred


class Address(NamedTuple):
    """Where a broker listens, or is said to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Connections:
    """One connection to each address, made when it is first asked, and anew once it was lost.

    aiokafka's client makes one connection after the other, under one lock: a broker that accepts a connection and says
    nothing keeps it from all others for its request timeout. ``client``: options common to all of aiokafka's clients.
    """

    def __init__(self, client: Mapping[str, Any]) -> None:
        options = dict(client)
        hosts = collect_hosts(options.pop("bootstrap_servers"))
        self.bootstrap = frozenset(Address(host, port) for host, port, _ in hosts)
        self._options = options
        self._connections: dict[Address, AIOKafkaConnection] = {}
        self._connecting: dict[Address, asyncio.Task[AIOKafkaConnection]] = {}

    async def ask(self, address: Address, *requests: Request[Any], timeout: float) -> list[Any]:
        """The answers to all requests, asked one after the other, within ``timeout`` seconds.

        TimeoutError: there are none; a connection on which nothing came meanwhile is given up. KafkaError, OSError: the
        broker could not be asked.
        """
        connection, started = None, time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                connection = await self._connection(address)
                return [await connection.send(request) for request in requests]
        except TimeoutError:
            if connection is not None and connection._last_action < started:
                connection.close(reason=CloseReason.CONNECTION_TIMEOUT)
            raise

    async def _connection(self, address: Address) -> AIOKafkaConnection:
        known = self._connections.get(address)
        if known is not None and known.connected():
            return known
        making = self._connecting.get(address)
        if making is None or making.done():
            making = self._connecting[address] = asyncio.create_task(self._connect(address), name=f"connect {address}")
            making.add_done_callback(_seen)
        return await asyncio.shield(making)  # it takes longer than one question may, where TLS or the machine is slow

    async def _connect(self, address: Address) -> AIOKafkaConnection:
        async with asyncio.timeout(_CONNECT_S):
            made: AIOKafkaConnection = await create_conn(*address, **self._options)
        self._connections[address] = made
        return made

    def keep(self, addresses: Collection[Address]) -> None:
        """Close the connections to all others."""
        for address in self._connections.keys() - addresses:
            self._connections.pop(address).close(reason=CloseReason.SHUTDOWN)

    async def close(self) -> None:
        """Close all connections; wait a second at most for their ends."""
        for task in self._connecting.values():
            task.cancel()
        ends = [self._connections.pop(address).close(reason=CloseReason.SHUTDOWN) for address in [*self._connections]]
        if ends := [*ends, *self._connecting.values()]:
            await asyncio.wait(ends, timeout=_CLOSE_S)


def _seen(task: asyncio.Task[AIOKafkaConnection]) -> None:
    """Retrieve the error, or asyncio would log it: perhaps nobody waits for the connection any more."""
    if not task.cancelled():
        task.exception()
