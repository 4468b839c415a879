"""What an event of the largest order costs, with the table in RocksDB and without Kafka.

`python -m tests.programs.bench.largest_order`
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from bridge.settings import Settings
from deploy.local.service import WORKPLACE
from processors.engine.chunk import Chunk, nothing
from processors.engine.overrides.batches import Batch, new_batch
from processors.engine.refusals import Refusals
from processors.engine.store import TablePartition
from processors.engine.ticking import TICK_S
from processors.engine.unit import RECORD_OVERHEAD, Unit
from processors.engine.unit_size import UnitSize
from processors.orders.agent import Orders
from processors.orders.order_rules import OrderRules
from processors.orders.table import TABLE
from processors.orders.too_large import most_bytes
from tests.unit.processors.orders.largest_order import BEGAN_MS, EACH_MS, records
from tests.unit.processors.orders.units import TOPICS

SOURCE: Final = TP(TOPICS.orders, 0)
CHANGELOG: Final = "changelog"
_HOUR_MS: Final = 3_600_000


class _Lane:
    """Takes a lane's place: writes rows without a transaction, and sends nothing. `sent`: bytes by topic."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.table, self.committed = TablePartition(directory), 0
        self.tables: Mapping[str, TablePartition] = {TABLE: self.table}
        self.changelogs: Mapping[str, str] = {TABLE: CHANGELOG}
        self.refusals, self.size, self.opening = Refusals(), UnitSize(1_000, settings.max_message_bytes), 1
        self.max_record_bytes = settings.max_message_bytes
        self.sent = dict.fromkeys((CHANGELOG, TOPICS.order_state), 0)

    def create_batch(self) -> Batch:
        batch: Batch = new_batch(self.max_record_bytes, 0)
        return batch

    def start(self, unit: Unit) -> None:
        self.committed += 1
        self.table.apply([*unit.rows.get(TABLE, {}).items()], self.committed)
        self.size.committed(len(unit.records), unit.written)
        for (topic, _), batches in unit.batches.items():
            self.sent[topic] += sum(batch.size() for batch in batches)
        unit.committed()

    def give_up(self, _unit: Unit, error: Exception) -> None:
        raise error


class Worker:
    """Processes records one by one, as they come, and ticks as often as lanes do. `longest_tick`: seconds of CPU."""

    def __init__(self, directory: Path) -> None:
        settings = Settings(tenant="demo-tenant")
        rules = OrderRules(document_bytes=most_bytes(settings.max_message_bytes - RECORD_OVERHEAD))
        self.lane, self.now, self.longest_tick = _Lane(directory, settings), BEGAN_MS, 0.0
        self._orders = Orders(TOPICS, rules, clock=lambda: self.now)

    def process(self, records: Sequence[ConsumerRecord]) -> None:
        """Process all records, until nothing waits."""
        for n, record in enumerate(records):
            self.now += EACH_MS
            unit = Unit(self.lane, Chunk(SOURCE, n, n + 1, [record], lambda: None))
            self._orders.process(unit)
            unit.commit()
            if self.now % int(1_000 * TICK_S) == 0:
                self._tick()
        self.now += _HOUR_MS
        self._tick()

    def _tick(self) -> None:
        more = True
        while more:
            began = time.process_time()
            unit = Unit(self.lane, nothing(SOURCE, 0, 0), self.now)
            more = self._orders.tick(unit, self.now)
            unit.commit()
            self.longest_tick = max(self.longest_tick, time.process_time() - began)


def measure(records: Sequence[ConsumerRecord], directory: Path) -> str:
    """Return what it costs to process these records."""
    worker, began = Worker(directory), time.process_time()
    worker.process(records)
    each_us = 1e6 * (time.process_time() - began) / len(records)
    worker.lane.table.close()
    rows, documents = (worker.lane.sent[topic] / 1e6 for topic in (CHANGELOG, TOPICS.order_state))
    written = f"{rows:.0f} MB of rows, {documents:.0f} MB of documents"
    return f"{each_us:.0f} µs of CPU an event, {written}, longest tick {1_000 * worker.longest_tick:.0f} ms"


def main() -> int:
    """Measure the events as they happen, and shuffled; print both."""
    WORKPLACE.mkdir(exist_ok=True)
    made = records()
    for how, those in (("as they happen", made), ("shuffled", Random(1).sample(made, len(made)))):
        with tempfile.TemporaryDirectory(prefix="largest-", dir=WORKPLACE) as directory:
            print(f"{len(those):,} events {how}: {measure(those, Path(directory) / 'orders')}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
