"""How small each codec makes batches, and what that takes: `python -m tests.programs.bench.codecs [--orders N]`.

The records are those of the cleaned orders topic for so many simulated orders, with all headers, in batches in a
partition's order. Times are of this process's CPU: the best of several rounds over all batches, because other work on
the machine only makes rounds longer.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import codec as aiokafkas
from aiokafka.record import default_records
from rich.console import Console
from rich.table import Table

from bridge.kafka.codecs import use_fast_codecs
from bridge.kafka.partitioner import partition_for
from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from processors.dedupe.output_headers import cleaned_headers
from processors.dedupe.raw_event import NewHeaders, RawEvent
from processors.engine.overrides.batches import new_batch
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.headers import Headers
from schemas.keytable import KeyTable
from schemas.outcome import Outcome
from schemas.routing import aggregate_of

_TENANT: Final = "demo-tenant"
_PARTITIONS: Final = 8
_SIZES: Final = (1, 64, 700)
_ROUNDS: Final = 7
_HEAD: Final = 61
"""Bytes of a batch before its records, which no codec touches."""
_RECEIVED_MS: Final = 1_767_225_600_000


class Codec(NamedTuple):
    """Encodes and decodes bytes."""

    name: str
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]


class Result(NamedTuple):
    """For each record: `size` in bytes, `writing` and `reading` in µs of CPU."""

    size: float
    writing: float
    reading: float


Record = tuple[bytes, bytes, Headers]
"""Key, value, headers."""


def main() -> int:
    """Print a table; its columns are bytes, writing and reading for each size of batches."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.codecs", description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000, help="simulated; 2,000")
    use_fast_codecs()
    partitions = _partitions(parser.parse_args().orders)
    table = Table("codec", *(f"batches of {size}: bytes, writing, reading µs" for size in _SIZES), box=None)
    for each in _codecs():
        results = [_measured(each, partitions, size) for size in _SIZES]
        table.add_row(each.name, *(f"{size:,.0f}  {writing:.1f}  {reading:.1f}" for size, writing, reading in results))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(f"{sum(map(len, partitions)):,} records; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


def _codecs() -> Iterator[Codec]:
    """As the bridge's processes have them; then aiokafka's gzip, which they had before."""
    ours: Any = default_records
    yield Codec("none", bytes, bytes)
    for name in ("gzip", "snappy", "lz4", "zstd"):
        yield Codec(name, getattr(ours, f"{name}_encode"), getattr(ours, f"{name}_decode"))
    yield Codec("gzip of aiokafka", aiokafkas.gzip_encode, aiokafkas.gzip_decode)


def _partitions(orders: int) -> Sequence[Sequence[Record]]:
    """The topic's committed records by partition, each in its order."""
    table, found = KeyTable.shipped(), defaultdict[int, list[Record]](list)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for offset, delivery in enumerate(deliveries(7, Mix(orders=orders, disorder=0.05), _TENANT, start)):
        if delivery.kind is not Outcome.UNIQUE or aggregate_of(str(delivery.event)) != "orders":
            continue
        received_at_ms = _RECEIVED_MS + offset * 7
        accepted = accept(
            delivery.body,
            content_encoding=None,
            tenant=_TENANT,
            table=table,
            received_at_ms=received_at_ms,
            traceparent=None,
        )
        assert isinstance(accepted, Accepted)
        identity = header.identity_from_headers(accepted.headers, table=table, source=header.source_of(_TENANT))
        assert identity is not None
        key = dict(accepted.headers)[header.ENTITY_KEY]
        written = cleaned_headers(RawEvent(identity, NewHeaders(accepted.headers)), b"3:%d" % offset)
        found[partition_for(key, _PARTITIONS)].append((key, accepted.value, written))
    return list(found.values())


def _measured(codec: Codec, partitions: Sequence[Sequence[Record]], size: int) -> Result:
    """Over all batches of `size` records. The rest of a partition is left out."""
    plain = [
        _records(records[begin : begin + size])
        for records in partitions
        for begin in range(0, len(records) - size + 1, size)
    ]
    count = size * len(plain)
    packed = [codec.encode(each) for each in plain]
    assert [codec.decode(each) for each in packed] == plain
    stored = sum(map(len, packed)) + _HEAD * len(packed)
    return Result(stored / count, _best(codec.encode, plain) / count, _best(codec.decode, packed) / count)


def _records(records: Sequence[Record]) -> bytes:
    """The part of a batch that is compressed."""
    batch: Any = new_batch(1 << 30, 0)
    for offset, (key, value, headers) in enumerate(records):
        assert batch.add(_RECEIVED_MS + offset, key, value, headers)
    return bytes(batch._build())[_HEAD:]


def _best(work: Callable[[bytes], bytes], given: Sequence[bytes]) -> float:
    """µs for all, in the best round."""

    def once() -> float:
        started = time.process_time_ns()
        for each in given:
            work(each)
        return (time.process_time_ns() - started) / 1_000

    return min(once() for _ in range(_ROUNDS))


if __name__ == "__main__":
    sys.exit(main())
