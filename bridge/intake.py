"""Which Kafka record a body becomes, by webhook or from a file. No IO: bytes, headers and time in, a record out."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from aiohttp.hdrs import CONTENT_ENCODING
from multidict import MultiMapping

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from schemas.acceptance import INGRESS, Accepted, Quarantined, accept
from schemas.headers import ERROR_EXCEPTION, Headers
from schemas.outcome import Reason
from schemas.oversize import oversize_stub

WEBHOOK: Final = "/webhooks/newstore"
"""The path at which the ingress takes bodies."""

Question = Callable[[bytes], Accepted | Quarantined]
"""Decides what becomes of a body; picklable."""


class NewRecord(NamedTuple):
    """A Kafka record to be. `event`: the event's name; None: it goes to quarantine, with a `reason`, and the
    `other_tenant` if it is another's. `published`: the event's instant, if it is a time."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: Headers
    timestamp_ms: int
    event: str | None
    reason: Reason | None = None
    other_tenant: str | None = None
    published: str | None = None


class Intake:
    """The rules of acceptance of one deployment. `stage`: who applies them, one of `schemas.acceptance`."""

    def __init__(self, settings: Settings, stage: str = INGRESS) -> None:
        self._stage = stage
        self._tenant = settings.tenant
        self._table = settings.key_table
        self._raw = settings.topics.raw
        self._quarantine = settings.topics.quarantine
        # Not the broker's count: if somebody adds partitions, keys must not move.
        self._partitions = settings.partitions

    def record(self, body: bytes, headers: MultiMapping[str], received_at_ms: int) -> NewRecord:
        """The raw or quarantine record of a complete body; `headers` are the request's, if it was one."""
        return self.record_of(accept(body, **self._asked(headers, received_at_ms)), received_at_ms)

    def question(self, headers: MultiMapping[str], received_at_ms: int) -> Question:
        """The question about a body, for another process to answer; the answer is for `record_of`."""
        return partial(accept, **self._asked(headers, received_at_ms))

    def _asked(self, headers: MultiMapping[str], received_at_ms: int) -> dict[str, Any]:
        return {
            "content_encoding": ", ".join(headers.getall(CONTENT_ENCODING, ())),
            "tenant": self._tenant,
            "table": self._table,
            "received_at_ms": received_at_ms,
            "traceparent": headers.get("traceparent"),
            "stage": self._stage,
        }

    def record_of(self, outcome: Accepted | Quarantined, received_at_ms: int) -> NewRecord:
        """The record that a body becomes by this outcome."""
        if isinstance(outcome, Accepted):
            partition = partition_for(outcome.key, self._partitions)
            event, key, value, record_headers, published = outcome
            raw = self._raw
            return NewRecord(raw, partition, key, value, record_headers, received_at_ms, event, published=published)
        return self._quarantined(outcome, received_at_ms)

    def stub(
        self,
        prefix: bytes,
        size: int,
        headers: MultiMapping[str],
        received_at_ms: int,
        kafka_error: str | None = None,
    ) -> NewRecord:
        """The quarantine record in place of a body that Kafka cannot hold.

        `prefix` is what was read, `size` the body's bytes as declared or as far as read, `kafka_error` Kafka's
        name for the refusal if it was Kafka that refused.
        """
        outcome = oversize_stub(
            headers={name: _utf8(value) for name, value in headers.items()},
            size=size,
            read=prefix,
            received_at_ms=received_at_ms,
            traceparent=headers.get("traceparent"),
            tenant=self._tenant,
            stage=self._stage,
        )
        if kafka_error:
            outcome.headers.append((ERROR_EXCEPTION, kafka_error.encode()))
        return self._quarantined(outcome, received_at_ms)

    def _quarantined(self, outcome: Quarantined, received_at_ms: int) -> NewRecord:
        # No key: any partition does, and spreading over time keeps them even.
        partition = received_at_ms % self._partitions
        value, headers, reason = outcome.value, outcome.headers, outcome.reason
        tenant = outcome.other_tenant
        return NewRecord(self._quarantine, partition, None, value, headers, received_at_ms, None, reason, tenant)


def _utf8(value: str) -> str:
    # Header bytes that are no UTF-8 arrive as lone surrogates, which JSON cannot hold.
    return value.encode("utf-8", "backslashreplace").decode()
