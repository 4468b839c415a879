"""A test event: sent to the ingress twice, looked for in raw and, once, behind dedupe.

Its name, `schemas.events.TEST_EVENT`, is of an entity that NewStore does not have. Ingress, raw and dedupe treat it as
a real event. Its cleaned record goes to the topic of unknown entities, which no consumer of orders, stock or customers
reads; other consumers can tell it by its name. An event of another tenant would be quarantined before dedupe. A real
event sent again would have to exist, and could be taken for a new one.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from bridge.kafka.admin import admin_client
from bridge.kafka.group import committed_offsets
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Record, Source, partitions, reader
from bridge.printable import say
from bridge.settings import Settings
from commands.doctor.finding import Finding, ok, wrong
from commands.terminal.no_answer import no_answer_in_words
from commands.terminal.remedies import OF_A_HANG
from commands.terminal.services import webhook_url
from schemas.events import TEST_EVENT
from schemas.headers import ERROR_REASON, SOURCE, TRACEPARENT
from schemas.outcome import Reason

PATIENCE_S: Final = 15.0
"""From the second answer on. A worker that is behind needs longer; `bridge status` shows that."""
_ANSWER_WITHIN_S: Final = 15.0
_TWICE: Final = 2
_CHECK: Final = "through"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The test event. The records made from it have `trace` in their `traceparent`."""

    id: str
    trace: str
    body: bytes

    @classmethod
    def new(cls, tenant: str) -> "Delivery":
        """A new test event, unlike all before."""
        event_id = f"doctor-{secrets.token_hex(8)}"
        note = "sent by `bridge doctor --through`: no event of NewStore"
        event = {
            "tenant": tenant,
            "name": TEST_EVENT,
            "published_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "payload": {"id": event_id, "note": note},
        }
        return cls(event_id, secrets.token_hex(16), json.dumps(event).encode())

    def is_of(self, record: Record) -> bool:
        """Whether a record was made from this event."""
        return self.trace.encode() in (dict(record.headers).get(TRACEPARENT) or b"")


@dataclass(slots=True)
class Traces:
    """Where the event was found: raw records, cleaned records, and reasons if it is in quarantine."""

    raw: list[Source] = field(default_factory=list)
    cleaned: list[tuple[Source, bytes]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    processed: bool = False

    def add(self, settings: Settings, record: Record) -> None:
        """Add one of the event's records."""
        place, headers = Source(record.partition, record.offset), dict(record.headers)
        if record.topic == settings.topics.raw:
            self.raw.append(place)
        elif record.topic == settings.topics.quarantine:
            self.reasons.append(headers.get(ERROR_REASON, b"").decode("utf-8", "backslashreplace"))
        else:
            self.cleaned.append((place, headers.get(SOURCE, b"")))


async def through(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Send the event, and report where it arrives. KafkaError: no answer."""
    delivery = Delivery.new(settings.tenant)
    async with _tail(settings, delivery) as consumer:
        say(f"sending a test event and looking for it, for up to {PATIENCE_S:g} s")
        started = time.monotonic()
        for _ in range(_TWICE):
            refusal = await _send(settings, delivery)
            if refusal is not None:
                yield refusal
                return
        yield ok(_CHECK, f"the ingress has taken {TEST_EVENT} {delivery.id} twice, in {_since(started)}")
        traces = await _followed(settings, consumer, delivery)
    for finding in findings_of(settings, traces, _since(started)):
        yield finding


def findings_of(settings: Settings, traces: Traces, duration: str) -> Iterable[Finding]:
    """Findings on where the event arrived, after this time."""
    topics = settings.topics
    if traces.reasons:
        yield _quarantined(settings, "worker" if traces.raw else "ingress", traces.reasons)
    elif len(traces.raw) < _TWICE:
        what = f"the ingress at {settings.ingress_url} answers 200, and {topics.raw} has {len(traces.raw)} of 2 records"
        yield wrong(_CHECK, what, "compare its BRIDGE_KAFKA_BOOTSTRAP_SERVERS and BRIDGE_TOPIC_PREFIX with these")
    else:
        yield ok(_CHECK, f"both are in {topics.raw}, {traces.raw[0]} and {traces.raw[1]}")
        yield _dedupe(settings, traces, duration)


def _dedupe(settings: Settings, traces: Traces, duration: str) -> Finding:
    unknown, first = settings.topics.unknown, str(traces.raw[0]).encode()
    if not traces.processed:
        what = f"no worker has processed raw {traces.raw[1]} within {PATIENCE_S:g} s"
        return wrong(_CHECK, what, "`bridge status` shows lanes and lag")
    if [source for _, source in traces.cleaned] != [first]:
        places = ", ".join(str(place) for place, _ in traces.cleaned) or "nowhere"
        return wrong(_CHECK, f"it must be in {unknown} once, and is: {places}", "run `bridge verify`")
    place = traces.cleaned[0][0]
    return ok(_CHECK, f"dedupe has passed it on to {unknown}, {place}, and dropped its repetition, after {duration}")


def _quarantined(settings: Settings, service: str, reasons: Sequence[str]) -> Finding:
    """The worker has quarantined it if it reached raw, otherwise the ingress."""
    what = f"the {service} has put it into {settings.topics.quarantine}: {', '.join(sorted(set(reasons)))}"
    if Reason.OTHER_TENANT in reasons:
        remedy = f"its BRIDGE_TENANT is not {settings.tenant}: give ingress, worker and this environment the same one"
        return wrong(_CHECK, what, remedy)
    return wrong(_CHECK, what, "run the same version of the bridge everywhere")


async def _send(settings: Settings, delivery: Delivery) -> Finding | None:
    """Send the event once. Returns what is wrong if it was not accepted."""
    url, keys = webhook_url(settings), settings.ingress_api_keys
    headers = {"Content-Type": "application/json", "traceparent": f"00-{delivery.trace}-{secrets.token_hex(8)}-01"}
    if keys:
        headers["Authorization"] = f"Bearer {keys[0].get_secret_value()}"
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_ANSWER_WITHIN_S)) as session,
            session.post(url, data=delivery.body, headers=headers) as answer,
        ):
            status, detail = answer.status, (await answer.content.read(500)).decode("utf-8", "backslashreplace")
    except (ClientError, TimeoutError) as error:
        remedy = OF_A_HANG if isinstance(error, TimeoutError) else "start it, or set BRIDGE_INGRESS_URL"
        return wrong(_CHECK, f"no ingress answers at {url}: {no_answer_in_words(error)}", remedy)
    if status == 200:
        return None
    if status == 401:
        what = f"the ingress at {url} does not accept the first of BRIDGE_INGRESS_API_KEYS"
        return wrong(_CHECK, what, "give it and this environment the same key")
    return wrong(_CHECK, f"the ingress at {url} answers {status}: {detail}", "read its log, and /readyz?verbose")


@asynccontextmanager
async def _tail(settings: Settings, delivery: Delivery) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of new records in all partitions where the event can arrive."""
    topics = settings.topics
    places = [
        TopicPartition(topics.raw, _raw_partition(settings)),
        TopicPartition(topics.unknown, partition_for(delivery.id.encode(), settings.partitions)),
        *partitions(settings, [topics.quarantine]),
    ]
    async with reader(settings) as consumer:
        consumer.assign(places)
        for place, end in (await consumer.end_offsets(places)).items():
            consumer.seek(place, end)
        yield consumer


async def _followed(settings: Settings, consumer: AIOKafkaConsumer, delivery: Delivery) -> Traces:
    """Look for the event until dedupe has processed both deliveries, it is in quarantine, or time is up."""
    traces, deadline = Traces(), time.monotonic() + PATIENCE_S
    # A Kafka that has died meanwhile would never answer.
    async with asyncio.timeout(PATIENCE_S + _ANSWER_WITHIN_S), admin_client(settings) as admin:
        while time.monotonic() < deadline and not traces.reasons and not traces.processed:
            # Check before reading: dedupe commits outputs with its position, so they are visible by then.
            traces.processed = await _is_processed(settings, admin, traces.raw)
            await _read(settings, consumer, delivery, traces)
    return traces


async def _is_processed(settings: Settings, admin: AIOKafkaAdminClient, raw: Sequence[Source]) -> bool:
    if len(raw) < _TWICE:
        return False
    partition = TopicPartition(settings.topics.raw, _raw_partition(settings))
    done = await committed_offsets(admin, settings.group_id, [partition])
    return done.get(partition, -1) > raw[-1].offset


async def _read(settings: Settings, consumer: AIOKafkaConsumer, delivery: Delivery, traces: Traces) -> None:
    """Read up to the present ends."""
    ends = await consumer.end_offsets(list(consumer.assignment()))
    while True:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            for record in filter(delivery.is_of, records):
                traces.add(settings, record)
        positions = {partition: await consumer.position(partition) for partition in ends}
        if all(positions[partition] >= end for partition, end in ends.items()):
            return


def _raw_partition(settings: Settings) -> int:
    return partition_for(TEST_EVENT.encode(), settings.partitions)


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"
