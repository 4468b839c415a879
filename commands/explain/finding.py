"""Finds the raw records that somebody asks about."""

from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing
from typing import Final
from urllib.parse import unquote

from bridge.kafka.reading import Record, Source
from bridge.topics.spec import TopicSpec
from commands.explain.asked import At, EventId, Trace
from commands.explain.case import Case
from commands.terminal.records import Nothing, no_partition, record_at
from commands.terminal.topics import topic_named
from schemas import headers as header
from schemas.instant import epoch_millis

LIMIT: Final = 20
"""Deliveries explained in one run."""


async def raw_records(case: Case, asked: At | Trace | EventId) -> list[Record] | Nothing:
    """The raw records, at most `LIMIT`; or why there is none."""
    if isinstance(asked, At):
        return await _at(case, topic_named(case.settings, asked.topic or "raw"), asked.place)
    if isinstance(asked, Trace):
        return await _of_trace(case, b"-%s-" % asked.trace_id.encode())
    return await _of_event(case, asked)


async def _at(case: Case, spec: TopicSpec, place: Source) -> list[Record] | Nothing:
    """The raw record at a place, or the one from which the record of another topic was made."""
    if (nothing := no_partition(spec, place)) is not None:
        return nothing
    record = await record_at(case.search.consumer, spec.name, place)
    if isinstance(record, Nothing) or spec.name == case.settings.topics.raw:
        return record if isinstance(record, Nothing) else [record]
    came_from = origin(record, case.settings.topics.raw)
    if came_from is None and spec.name == case.settings.topics.quarantine:
        return [record]
    if came_from is None:
        return Nothing(f"the record {place} of {spec.name} comes from no raw record: `bridge record show` has it")
    topic, source = came_from
    return await _at(case, topic_named(case.settings, topic), source)


def origin(record: Record, raw: str) -> tuple[str, Source] | None:
    """Topic and place of the record from which this one was made. None: it names none, or its own topic, which cannot
    be true."""
    said = dict(record.headers)
    text = said.get(header.SOURCE)
    topic = raw if text is not None else (said.get(header.ERROR_TOPIC) or b"").decode("utf-8", "replace")
    text = text or b"%s:%s" % (said.get(header.ERROR_PARTITION) or b"", said.get(header.ERROR_OFFSET) or b"")
    if topic == record.topic:
        return None
    try:
        return topic, Source.parse(text)
    except ValueError:
        return None


async def _of_trace(case: Case, wanted: bytes) -> list[Record] | Nothing:
    """Raw records of a trace, and bodies refused before they reached raw."""
    every, topics = range(case.settings.partitions), case.settings.topics
    raw, kept = [
        await _scan(case, topic, every, None, lambda said: wanted in (said.get(header.TRACEPARENT) or b""))
        for topic in (topics.raw, topics.quarantine)
    ]
    refused = [record for record in kept if origin(record, topics.raw) is None]
    return [*raw, *refused][:LIMIT] or Nothing("no record has this trace, in what was searched")


async def _of_event(case: Case, asked: EventId) -> list[Record] | Nothing:
    base, mark, digest = asked.ce_id.encode().partition(b"~v1:")
    ids = {header.CE_ID: base, **({header.PAYLOAD_HASH: b"v1:" + digest} if mark else {})}
    known = await case.worker.seen(asked.ce_id)
    first = known and known["first_received_at"]
    since_ms = epoch_millis(first) if first else None
    numbers = case.homes(unquote(asked.event).encode())
    found = await _scan(case, case.settings.topics.raw, numbers, since_ms, lambda said: ids.items() <= said.items())
    return found or Nothing("no raw record has this ce_id, in what was searched")


async def _scan(
    case: Case, topic: str, numbers: Collection[int], since_ms: int | None, is_it: Callable[[Mapping[str, bytes]], bool]
) -> list[Record]:
    """Records with matching headers, at most `LIMIT`. `since_ms` None: the time is unknown, so read the latest
    records."""
    found: list[Record] = []
    begin_ms = case.since_ms if since_ms is None else since_ms
    async with aclosing(case.search.scan(topic, numbers, begin_ms, recent=since_ms is None)) as records:
        async for record in records:
            if is_it(dict(record.headers)):
                found.append(record)
                if len(found) == LIMIT:
                    break
    return found
