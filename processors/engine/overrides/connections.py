"""Connections to brokers, each by itself."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from aiokafka.conn import AIOKafkaConnection, CloseReason, collect_hosts, create_conn
from aiokafka.protocol.api import Request

_CLOSE_SECONDS = 1.0


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Connections:
    """One connection to each address, made when it is asked first, and anew once it was lost.

    aiokafka's client makes one connection after the other, under one lock: a broker that takes a connection and says
    nothing keeps it from all others for its request timeout. ``client``: options common to all of aiokafka's clients.
    """

    def __init__(self, client: Mapping[str, Any]) -> None:
        options = dict(client)
        hosts = collect_hosts(options.pop("bootstrap_servers"))
        self.bootstrap = frozenset(Address(host, port) for host, port, _ in hosts)
        self._options = options
        self._connections: dict[Address, AIOKafkaConnection] = {}
        self._connecting: defaultdict[Address, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(self, address: Address, *requests: Request[Any], timeout: float) -> list[Any]:
        """The answers to all requests, one asked after the other, within ``timeout`` seconds.

        TimeoutError: there are none, and the connection is given up. KafkaError, OSError: it could not be asked.
        """
        connection: AIOKafkaConnection | None = None
        try:
            async with asyncio.timeout(timeout):
                connection = await self._connection(address)
                return [await connection.send(request) for request in requests]
        except TimeoutError:
            if connection is not None:
                connection.close(reason=CloseReason.CONNECTION_TIMEOUT)
            raise

    async def _connection(self, address: Address) -> AIOKafkaConnection:
        async with self._connecting[address]:
            known = self._connections.get(address)
            if known is None or not known.connected():
                known = await create_conn(*address, **self._options)
                self._connections[address] = known
            return known

    def keep(self, addresses: Collection[Address]) -> None:
        """Close the connections to all others."""
        for address in self._connections.keys() - addresses:
            self._connections.pop(address).close(reason=CloseReason.SHUTDOWN)

    async def close(self) -> None:
        """Close them all; waits a second for their ends."""
        ends = [self._connections.pop(address).close(reason=CloseReason.SHUTDOWN) for address in [*self._connections]]
        if ends:
            await asyncio.wait(ends, timeout=_CLOSE_SECONDS)
