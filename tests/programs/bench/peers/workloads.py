"""What contenders go through: raw records as the ingress writes them, made once and kept under `.local`."""

import hashlib
import itertools
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import schemas
from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from deploy.local.service import WORKPLACE
from tests.programs.bench import worker

TENANT: Final = "bench"
PARTITIONS: Final = 8

_SPREAD: Final = (
    "inventory_count.items_counted",
    "inventory_transaction.asn_closed",
    "inventory_transaction.asn_created",
    "cash_drawer.drawer_created",
    "customer.created",
    "employee.created",
    "customer.updated",
)
"""One name for each of seven partitions. No name of an event that is not an order's falls on the eighth."""

_SKEWED: Final = _SPREAD[:1] * 14 + _SPREAD[1:]
"""The first has 70 % of the events."""

_BATCH: Final = 1000


class RawRecord(NamedTuple):
    """A record of raw. `id_`: its header `ce_id`, the same for all deliveries of one event."""

    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    id_: bytes


@dataclass(frozen=True, slots=True)
class Workload:
    """`folds`: its events change orders, and a contender is done once it has written their states, too. `share`: of the
    events that other workloads have, because each event is more work."""

    name: str
    bodies: Callable[[Settings, int], Iterator[bytes]]
    folds: bool = False
    share: float = 1.0

    def records(self, count: int) -> Iterator[RawRecord]:
        """So many records."""
        with self.prepare(count).open("rb") as file:
            while batch := pickle.load(file):
                yield from batch

    def prepare(self, count: int) -> Path:
        """Where the records are kept. They are made anew if the code that makes them has changed."""
        path = WORKPLACE / "bench" / f"{self.name}-{count}-{_digest_of_code()}.pickle"
        if not path.exists():
            self._keep(path, count)
        return path

    def _keep(self, path: Path, count: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        settings = Settings(tenant=TENANT)
        made = (_raw(settings, body) for body in itertools.islice(self.bodies(settings, count), count))
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            while batch := list(itertools.islice(made, _BATCH)):
                pickle.dump(batch, file)
            pickle.dump([], file)
        for of_other_code in path.parent.glob(f"{self.name}-{count}-*.pickle"):
            of_other_code.unlink()
        unfinished.rename(path)


def _raw(settings: Settings, body: bytes) -> RawRecord:
    record = worker.accepted(settings, body)
    partition = partition_for(record.key, PARTITIONS)
    return RawRecord(partition, record.key, record.value, record.headers, dict(record.headers)["ce_id"])


def _digest_of_code() -> str:
    files = [*sorted(Path(schemas.__file__).parent.rglob("*.py")), Path(worker.__file__), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _orders(settings: Settings, count: int) -> Iterator[bytes]:
    return worker.order_bodies(settings, count // 16)  # each has some 17 deliveries


WORKLOADS: Final[Mapping[str, Workload]] = {
    each.name: each
    for each in (
        Workload("even", lambda settings, count: worker.side_bodies(settings, count, _SPREAD)),
        Workload("skewed", lambda settings, count: worker.side_bodies(settings, count, _SKEWED)),
        Workload("orders", _orders, folds=True, share=0.25),
    )
}
