"""The orders' partitions without lanes: what their handler writes of some events, and who has them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.kafka.partitioner import partition_for
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.worker.queries.local import Local
from processors.worker.queries.owners import AwayError, Here, TableReader
from schemas.routing import record_key
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

RULES = OrderRules()
PARTITIONS = 4
Told = tuple[str, dict[str, Any]]
"""An event: its name and its payload."""


class FakeTable:
    """A table's partition as far as queries read it."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.scans = 0

    def get(self, key: bytes) -> bytes | None:
        return self.rows.get(key)

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.rows.get(key) for key in keys]

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        self.scans += 1
        found = sorted((k, v) for k, v in self.rows.items() if k.startswith(prefix) and k > after and v is not None)
        return found[:limit]


class UnreadableTable(FakeTable):
    """A table whose every read fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get(self, _key: bytes) -> bytes | None:
        raise self.error

    def get_many(self, _keys: Sequence[bytes]) -> list[bytes | None]:
        raise self.error

    def scan(self, _prefix: bytes, _after: bytes, _limit: int) -> list[tuple[bytes, bytes]]:
        raise self.error


class Shop:
    """All partitions. `tell` has them take events: the nth is from offset n of raw partition 0, received at second n.
    `rules`: those by which orders are looked at."""

    def __init__(self, rules: OrderRules = RULES) -> None:
        self.tables = [FakeTable() for _ in range(PARTITIONS)]
        self.rules = rules
        self.orders = Orders(TOPICS, rules)
        self.told = 0

    def tell(self, *events: Told) -> "Shop":
        for name, payload in events:
            table = self.tables[partition_for(record_key(name, payload).encode(), PARTITIONS)]
            unit = FakeUnit([event_record(self.told, name, **payload)], table.rows)
            self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
            self.told += 1
        return self


class FakeOwners:
    """The group as one worker sees it: `mine` are its partitions, `others` those of others by URL."""

    def __init__(self, shop: Shop, mine: Iterable[int], others: Mapping[str, list[int]] | None = None) -> None:
        self.partitions, self.shop, self.mine, self.others = PARTITIONS, shop, set(mine), others or {}
        self.member, self.fresh = True, True
        self.since = list[float]()

    def here(self, partition: int) -> Here | None:
        if not self.member:
            raise AwayError("not a member")
        table: Any = self.shop.tables[partition]
        reader = TableReader(f"partition {partition}", table)
        return Here(partition, reader, 100 + partition) if partition in self.mine else None

    def elsewhere(self, partition: int, *, asked_by_one: bool = False) -> str:
        found = [url for url, partitions in self.others.items() if partition in partitions]
        if not found or asked_by_one:
            raise self.away(partition)
        return found[0]

    def away(self, partition: int) -> AwayError:
        return AwayError(f"partition {partition} is away")

    def shared_out(self) -> tuple[list[int], dict[str, list[int]]]:
        for partition in range(PARTITIONS):
            if self.here(partition) is None:
                self.elsewhere(partition)
        return sorted(self.mine), dict(self.others)

    def require_fresh(self, since: float) -> None:
        self.since.append(since)
        if not self.fresh:
            raise AwayError("it took longer than a session")


def local(owners: FakeOwners) -> Local:
    """What a worker says that sees the group like this."""
    given: Any = owners
    return Local(given, owners.shop.rules)
