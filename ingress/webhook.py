"""One delivery of NewStore's: authorise, read, decide, make durable. Returns only once it is durable."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import chain
from typing import Final

from aiohttp import HttpVersion11, web
from aiohttp.hdrs import EXPECT
from multidict import MultiMapping

from bridge import metrics
from bridge.http.bearer_keys import BearerKeys
from bridge.intake import Intake, NewRecord
from bridge.metrics.service import event_label
from bridge.settings import Settings
from bridge.tracing import Spans
from ingress.answers import BodyNotReceived, BodyTooLarge, Draining, RecordRefused, Unauthorized, Unavailable
from ingress.body import read_body
from ingress.causes import DeliveryCause
from ingress.in_flight import InFlight
from ingress.parser import Parser, is_costly
from ingress.tenants import TenantWatch
from ingress.unknown_headers import UnknownHeaders
from ingress.writer import Writer
from schemas.events import EVENT_NAMES
from schemas.outcome import INGRESS_REASONS

Headers = MultiMapping[str]

_EVENTS: Final = {name: metrics.ingress_events_total.labels(name) for name in (*EVENT_NAMES, "other")}
_QUARANTINED: Final = {reason: metrics.ingress_quarantined_total.labels(reason) for reason in INGRESS_REASONS}


class Webhook:
    """`POST /webhooks/newstore`."""

    def __init__(self, settings: Settings, writer: Writer, spans: Spans) -> None:
        """SettingsError: there are no keys, and the settings do not allow anonymous callers."""
        self.keys = BearerKeys(settings, "ingress")
        self._limit = settings.ingress_max_body_bytes
        self._in_flight = InFlight(settings.ingress_max_in_flight, settings.ingress_max_in_flight_bytes)
        self._ack_timeout = settings.ingress_ack_timeout.total_seconds()
        self._intake = Intake(settings)
        self._parser = Parser()
        self._writer = writer
        self._spans = spans
        self.tenants = TenantWatch(settings.tenant)
        self._unknown_headers = UnknownHeaders()
        self.draining = False
        metrics.ingress_in_flight.set_function(lambda: self._in_flight.requests)

    async def close(self) -> None:
        """End the parser's process, if there is one."""
        await self._parser.close()

    async def receive(self, request: web.BaseRequest) -> None:
        """Return once the event is durable in Kafka. Everything else is an exception of `ingress.answers`."""
        self._admit(request)
        with self._spans.delivery(request.headers) as headers, self._in_flight.hold() as held:
            held.add(sum(map(len, chain.from_iterable(request.raw_headers))))
            if EXPECT in request.headers:
                await _continue(request)
            try:
                body = await read_body(request.content, self._limit, held.add)
            except BodyTooLarge as error:
                held.wait()
                await self._leave_stub(request, headers, error.prefix, error.read)
                raise
            held.wait()
            record = await self._record(body, headers)
            await self._store(request, headers, body, record)
            if record.event is not None:
                self._unknown_headers.look(request.raw_headers)

    def _admit(self, request: web.BaseRequest) -> None:
        if not self.keys.admit(request.headers):
            raise Unauthorized
        if self.draining:
            raise Draining
        self._in_flight.admit(min(request.content_length or 0, self._limit))

    async def _store(self, request: web.BaseRequest, headers: Headers, body: bytes, record: NewRecord) -> None:
        give_up_at = time.monotonic() + self._ack_timeout
        try:
            await self._writer.append(record)
        except RecordRefused as error:
            async with self._by(give_up_at):  # the writer's own deadline is for one record
                await self._leave_stub(request, headers, body, len(body), error.kafka_error)
            raise
        self._count(record)

    @asynccontextmanager
    async def _by(self, give_up_at: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(give_up_at - time.monotonic()):
                yield
        except TimeoutError:
            reason = f"Kafka did not acknowledge within {self._ack_timeout:g} s"
            raise Unavailable(reason, DeliveryCause.NOT_ACKNOWLEDGED) from None

    async def _record(self, body: bytes, headers: Headers) -> NewRecord:
        """The body's record. Unavailable: it was not parsed in time, as too many costly bodies are before it."""
        received_at_ms = _now_ms()
        if not is_costly(body):
            return self._intake.record(body, headers, received_at_ms)
        question = self._intake.question(headers, received_at_ms)
        try:
            async with asyncio.timeout(self._ack_timeout):
                return self._intake.record_of(await self._parser.ask(question, body), received_at_ms)
        except TimeoutError:
            reason = f"the body was not parsed within {self._ack_timeout:g} s"
            raise Unavailable(reason, DeliveryCause.PARSER) from None

    async def _leave_stub(
        self, request: web.BaseRequest, headers: Headers, prefix: bytes, read: int, kafka_error: str | None = None
    ) -> None:
        # 400 makes NewStore give the event up, so it is only answered once there is a trace of it here.
        size = max(read, request.content_length or 0)
        stub = self._intake.stub(prefix, size, headers, _now_ms(), kafka_error)
        try:
            await self._writer.append(stub)
        except RecordRefused as error:
            raise Unavailable(f"quarantine refuses a stub: {error}") from error
        self._count(stub)

    def _count(self, durable: NewRecord) -> None:
        if durable.reason is not None:
            _QUARANTINED[durable.reason].inc()
        if durable.other_tenant is not None:
            self.tenants.other(time.monotonic(), durable.other_tenant)
        if durable.event is not None:
            self.tenants.own(time.monotonic())
            metrics.ingress_last_event_timestamp_seconds.set(durable.timestamp_ms / 1000)
            _EVENTS[event_label(durable.event)].inc()
            if durable.published is not None:
                published_at = datetime.fromisoformat(durable.published).timestamp()
                metrics.delivery_delay_seconds.observe(durable.timestamp_ms / 1000 - published_at)


async def _continue(request: web.BaseRequest) -> None:
    # aiohttp's own handling answers 417 to other expectations, and 100 before the key was looked at. HTTP/1.0 has none.
    asked = request.version >= HttpVersion11 and request.headers[EXPECT].lower() == "100-continue"
    if asked and not request.content.is_eof():
        try:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        except ConnectionError as error:  # the caller has gone
            raise BodyNotReceived(type(error).__name__) from None
        request.writer.output_size = 0  # the answer proper has not begun


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
