"""Writes a topic as the worker does, in transactions, some of which are aborted."""

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from confluent_kafka import Producer

from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE
from tests.programs.checker.record import Record


class Row(NamedTuple):
    """One record. ``value`` None: a tombstone. ``partition`` None: its key decides."""

    key: str
    value: bytes | None
    headers: Mapping[str, bytes] = {}
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """``commits`` False: it is aborted."""

    rows: Sequence[Row]
    commits: bool


class Transactions:
    """Writes ``planned``, a part at a time. ``committed`` and ``aborted`` are the records written."""

    def __init__(self, bootstrap_servers: str, topic: str, planned: Iterator[Transaction]) -> None:
        self.committed: list[Record] = []
        self.aborted: list[Record] = []
        self._servers, self._topic, self._planned = bootstrap_servers, topic, planned
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "transactional.id": topic,
                "partitioner": "murmur2_random",  # Java's default, and so the worker's
                "message.max.bytes": 9 * 1024 * 1024,
                "log_level": 0,
            }
        )
        self._producer.init_transactions(PATIENCE)

    def write(self, count: int) -> None:
        """Return once the next ``count`` transactions have ended."""
        self._write(count)
        wait_until_ended(self._servers, self._topic)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Transactions go on being written. On leaving, the last one has ended."""
        stop = threading.Event()
        thread = threading.Thread(target=self._flow, args=[stop], daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        wait_until_ended(self._servers, self._topic)

    def behind(self, positions: Mapping[int, int]) -> list[Record]:
        """Committed records that a reader at these positions has taken."""
        return [record for record in self.committed if record.offset < positions.get(record.partition, 0)]

    def ahead(self, positions: Mapping[int, int]) -> list[Record]:
        """Committed records that it has still to take."""
        return [record for record in self.committed if record.offset >= positions.get(record.partition, 0)]

    def write_one(self, transaction: Transaction) -> None:
        """Return once it has ended."""
        self._write_one(transaction)
        wait_until_ended(self._servers, self._topic)

    def _write(self, count: int) -> None:
        for transaction in itertools.islice(self._planned, count):
            self._write_one(transaction)

    def _write_one(self, transaction: Transaction) -> None:
        records: list[Record] = []
        self._producer.begin_transaction()
        for row in transaction.rows:
            delivered = partial(_delivered, records, row)
            where = {} if row.partition is None else {"partition": row.partition}
            self._producer.produce(
                self._topic, row.value, row.key, headers=dict(row.headers), on_delivery=delivered, **where
            )
        assert self._producer.flush(PATIENCE) == 0, "Kafka does not take what the test writes"
        if transaction.commits:
            self._producer.commit_transaction(PATIENCE)
            self.committed += records
        else:
            self._producer.abort_transaction(PATIENCE)
            self.aborted += records

    def _flow(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._write(1)


def _delivered(records: list[Record], row: Row, error: Any, message: Any) -> None:
    assert error is None, error
    place = message.topic(), message.partition(), message.offset()
    records.append(Record(*place, row.key.encode(), row.value, row.headers))
