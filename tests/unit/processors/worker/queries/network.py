"""Two workers that ask each other, without a network."""

import json
from collections.abc import Mapping
from typing import Any

from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.local import Local
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.owners import AwayError
from processors.worker.queries.queries import Queries
from processors.worker.queries.questions import Asked, Told, packed, read_asked, read_told
from tests.unit.processors.worker.queries.partitions import FakeOwners, Shop, local

ME, OTHER = "http://me", "http://other"
CALLER = Caller("key 1", "Bearer a")
BODY = json.dumps(
    {"tenant": "acme", "name": "order.opened", "payload": {"id": "o-1", "customer_email": "a@b"}}
).encode()


class Network:
    """Two workers, each with half of the partitions, that ask each other through JSON only."""

    def __init__(self, shop: Shop, *, unmasked: bool = False, raw: Mapping[str, bytes] | None = None) -> None:
        self.owners = {
            ME: FakeOwners(shop, {0, 1}, {OTHER: [2, 3]}),
            OTHER: FakeOwners(shop, {2, 3}, {ME: [0, 1]}),
        }
        self.shop = shop
        self.asked: list[tuple[str, str]] = []
        self.away = set[str]()
        self.raw = {"0:0": BODY} if raw is None else raw
        self._locals: dict[str, Local] = {url: local(owners) for url, owners in self.owners.items()}
        self.queries = {url: self._queries(url, unmasked=unmasked) for url in self.owners}

    def _queries(self, url: str, *, unmasked: bool) -> Queries:
        owners, network = self.owners[url], self
        peers: Any = network
        given: Any = owners
        everyone = Everyone(given, peers, self._locals[url])
        rules = self.shop.rules
        one_order = OneOrder(everyone, peers, peers, rules, unmasked=unmasked)
        return Queries(given, peers, everyone, one_order, rules)

    async def known(self, ids: list[str], caller: Caller) -> dict[str, dict[str, Any]]:
        """Deliveries of all events but completions."""
        assert caller is CALLER
        said = {"deliveries": 3, "last_received_at": "2026-01-01T00:00:00.000Z"}
        return {each: {"id": each, **said} for each in ids if "completed" not in each}

    async def body(self, source: object) -> bytes | None:
        """The body, if raw has it."""
        return self.raw.get(str(source))

    async def ask(self, worker: str, path: str, caller: Caller) -> Answer:
        """A GET of an order."""
        assert caller is CALLER
        self.asked.append((worker, path))
        self._reach(worker)
        order_id, _, rest = path.removeprefix("/orders/").partition("/")
        ask = self.queries[worker].timeline if rest else self.queries[worker].order
        return await ask(order_id, caller, forwarded=True)

    async def tell(self, worker: str, asked: Asked, caller: Caller) -> Told:
        """A question about partitions."""
        assert caller is CALLER
        self.asked.append((worker, asked.question.what))
        self._reach(worker)
        asked = read_asked(packed(asked))
        return read_told(packed(await self._locals[worker].tell(asked.question, asked.partitions)))

    def _reach(self, worker: str) -> None:
        if worker in self.away:
            raise AwayError(f"the worker at {worker} does not answer")


def alone(shop: Shop, **more: Any) -> Network:
    """A network in which `ME` has all partitions."""
    network = Network(shop, **more)
    network.owners[ME].mine, network.owners[ME].others = {0, 1, 2, 3}, {}
    return network
