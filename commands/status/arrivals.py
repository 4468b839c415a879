"""Recent arrivals: how many, the last one, and the delay of NewStore's deliveries. Test events do not count as last."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime
from statistics import median
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import Offsets, Record, Source, bounds, partitions, read_range
from bridge.settings import Settings
from schemas.events import TEST_EVENT
from schemas.headers import CE_SOURCE, CE_TIME, CE_TYPE

RATE_S: Final = 60
SAMPLE: Final = 5
"""Last records that are read of each partition."""


class Arrival(NamedTuple):
    """A raw record: when the bridge received it (ms), and how many seconds after its publishing, None: unknown.
    `source`: header `ce_source`, which has the ingress's tenant."""

    place: Source
    event: str
    received_ms: int
    delay_s: float | None
    source: bytes | None = None


class Arrivals(NamedTuple):
    """`last_minute`: raw records; `stored`: all that there have ever been. `delays_s`: median and longest of the latest
    delays, None: unknown."""

    stored: int
    last_minute: int
    last: Arrival | None
    delays_s: tuple[float, float] | None


async def arrivals(
    consumer: AIOKafkaConsumer, settings: Settings, now_ms: int, on_counted: Callable[[], None]
) -> Arrivals:
    """The arrivals in raw now. KafkaError: no answer. `on_counted` is called once all leaders have answered, before the
    last records are read, which may have megabytes each."""
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.raw]))
    recent = await consumer.offsets_for_times(dict.fromkeys(starts, max(0, now_ms - RATE_S * 1000)))
    since = sum(ends[partition] - found.offset for partition, found in recent.items() if found is not None)
    on_counted()
    latest = [arrival async for arrival in _latest(consumer, starts, ends)]
    return Arrivals(sum(ends.values()), since, *summed(latest))


def summed(latest: Iterable[Arrival]) -> tuple[Arrival | None, tuple[float, float] | None]:
    """The last arrival, and the median and the longest delay."""
    known = sorted(latest, key=lambda arrival: arrival.received_ms)
    delays = [arrival.delay_s for arrival in known if arrival.delay_s is not None]
    return known[-1] if known else None, (median(delays), max(delays)) if delays else None


async def _latest(consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets) -> AsyncIterator[Arrival]:
    begin = {partition: max(starts[partition], end - SAMPLE) for partition, end in ends.items()}
    async with aclosing(read_range(consumer, begin, ends)) as batches:
        async for records in batches:
            for arrival in map(arrival_of, records):
                if arrival.event != TEST_EVENT:
                    yield arrival


def _instant(text: bytes) -> float | None:
    """Seconds since 1970; None: not a date-time, as other programs may write."""
    try:
        found = datetime.fromisoformat(text.decode())
    except ValueError:
        return None
    return None if found.tzinfo is None else found.timestamp()


def arrival_of(record: Record) -> Arrival:
    """An arrival from its raw record."""
    headers: Mapping[str, bytes | None] = dict(record.headers)
    event = (headers.get(CE_TYPE) or record.key or b"").decode("utf-8", "backslashreplace")
    published_s = _instant(headers.get(CE_TIME) or b"")
    delay = None if published_s is None else record.timestamp / 1000 - published_s
    return Arrival(Source(record.partition, record.offset), event, record.timestamp, delay, headers.get(CE_SOURCE))
