"""The outcomes that the contract allows for each raw record. Pure, and written to be read."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

from bridge.kafka.reading import Record
from commands.verify.outputs import REFUSED, Output, content
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.headers import accept_of
from schemas.identity import Identity, identify
from schemas.instant import is_time, rfc3339_millis
from schemas.keytable import KeyTable
from schemas.outcome import Outcome
from schemas.routing import aggregate_of
from schemas.topics import Topics

_SKEW_MS: Final = 60_000
"""How far NewStore's clock, which dates the publishing of events, may be ahead of ours, which dates their receipt."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An outcome and the outputs that it requires. `identity`: None if quarantined.

    `accept`: position in conflicts of the conflict that an operator accepted with this record.
    """

    outcome: Outcome
    outputs: tuple[Output, ...]
    identity: Identity | None = None
    accept: bytes | None = None


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """What outcomes depend on, besides the records."""

    topics: Topics
    tenant: str
    table: KeyTable
    retention_ms: int


class _Known(NamedTuple):
    """What is remembered of a key. Not `complete`: its first record may lie before the low watermark."""

    first_ms: int
    payloads: tuple[str, ...]
    complete: bool


class RawPartition:
    """Goes through a raw partition from its low watermark on: the first record of a key decides.

    After a migration an event name may continue in another partition, so one object goes through several, one after the
    other. `history_from`: time (ms) of the first record, if retention has deleted earlier ones, else None. An event
    published before that may have been seen earlier, so several outcomes are possible.
    """

    def __init__(self, rules: LedgerRules, history_from: int | None) -> None:
        self._rules = rules
        self._history_from = history_from
        self._known: dict[bytes, _Known] = {}
        self._accepted_ms: dict[bytes, int] = {}

    def cut_before(self, first_ms: int) -> None:
        """Note that retention has also cut a partition whose first record has this time."""
        self._history_from = max(self._history_from or 0, first_ms)

    def possible(self, record: Record) -> tuple[Expected, ...]:
        """All outcomes that the contract allows for the next record, the likeliest first; nearly always one."""
        body = record.value or b""
        try:
            envelope = read_envelope(body)
        except InvalidEnvelope:
            return (self._quarantined(record),)
        if envelope.tenant != self._rules.tenant:
            return (self._quarantined(record),)
        identity = identify(envelope, self._rules.table.rule(envelope.name))
        accept = accept_of(dict(record.headers))
        if accept is not None:
            return self._accepted(record, identity, accept)
        unique, duplicate, conflict = self._outcomes(identity, body)
        known = self._remembered(identity, record.timestamp)
        if known is None:
            return (unique, duplicate, conflict) if self._is_cut(record, identity) else (unique,)
        if identity.payload_hash in known.payloads:
            return (duplicate,) if known.complete else (duplicate, unique)
        return (conflict,) if known.complete else (conflict, duplicate, unique)

    def refused(self, record: Record) -> Expected:
        """The outcome if the handler failed on the record, whatever its event is. Its key is not remembered."""
        body = content(None, record.value, REFUSED)
        return Expected(Outcome.QUARANTINED, (Output(self._rules.topics.quarantine, body),))

    def settle(self, record: Record, chosen: Expected) -> None:
        """Remember the outcome that the record had."""
        identity = chosen.identity
        if identity is None:
            return
        if chosen.accept is not None:  # no delivery: the event's own key neither begins nor changes
            if chosen.outcome is Outcome.UNIQUE:
                self._accepted_ms[chosen.accept] = record.timestamp
            return
        if chosen.outcome is Outcome.UNIQUE:
            known = _Known(record.timestamp, (identity.payload_hash,), complete=True)
        else:
            known = self._remembered(identity, record.timestamp) or _Known(record.timestamp, (), complete=False)
            if identity.payload_hash not in known.payloads:
                known = known._replace(payloads=(*known.payloads, identity.payload_hash))
        self._known[_digest(identity)] = known

    def remember(self, record: Record) -> None:
        """Remember the next record without comparing its outputs. If retention may have deleted earlier ones, it was
        perhaps not the first of its key; then later records have several possible outcomes, too."""
        possible = self.possible(record)
        chosen = next((e for e in reversed(possible) if e.outcome is not Outcome.UNIQUE), possible[0])
        self.settle(record, chosen)
        if len(possible) > 1 and chosen.identity is not None and chosen.accept is None:  # it may be the first one again
            key = _digest(chosen.identity)
            self._known[key] = self._known[key]._replace(first_ms=record.timestamp)

    def _accepted(self, record: Record, identity: Identity, accept: bytes) -> tuple[Expected, ...]:
        """An accepted conflict is unique once, if its key is documented; it is passed on as under a guessed key."""
        unique = Expected(Outcome.UNIQUE, (self._passed(identity, record.value or b""),), identity, accept)
        duplicate = Expected(Outcome.DUPLICATE, (), identity, accept)
        if not self._rules.table.rule(identity.name).documented:
            return (duplicate,)
        before = self._accepted_ms.get(accept)
        if before is not None and record.timestamp - before <= self._rules.retention_ms:
            return (duplicate,)
        start = self._history_from
        is_cut = start is not None and record.timestamp - start <= self._rules.retention_ms
        return (unique, duplicate) if is_cut else (unique,)

    def _remembered(self, identity: Identity, now_ms: int) -> _Known | None:
        known = self._known.get(_digest(identity))
        return known if known and now_ms - known.first_ms <= self._rules.retention_ms else None

    def _is_cut(self, record: Record, identity: Identity) -> bool:
        """Whether the event may have been delivered before the low watermark, within the retention."""
        start = self._history_from
        if start is None or record.timestamp - start > self._rules.retention_ms:
            return False
        seconds = len("2026-01-01T00:00:00")
        return not is_time(identity.instant) or identity.instant[:seconds] <= rfc3339_millis(start + _SKEW_MS)[:seconds]

    def _quarantined(self, record: Record) -> Expected:
        return Expected(Outcome.QUARANTINED, (Output(self._rules.topics.quarantine, content(None, record.value)),))

    def _outcomes(self, identity: Identity, body: bytes) -> tuple[Expected, Expected, Expected]:
        topics = self._rules.topics
        cleaned = topics.cleaned[aggregate_of(identity.name)]
        key, ce_id = identity.entity_key.encode(), identity.ce_id
        unique = Output(cleaned, content(key, body, ce_id.encode()))
        evidence = Output(topics.conflicts, content(identity.name.encode(), body))
        passed = self._passed(identity, body)
        held_back = self._rules.table.rule(identity.name).documented
        return (
            Expected(Outcome.UNIQUE, (unique,), identity),
            Expected(Outcome.DUPLICATE, (), identity),
            Expected(Outcome.CONFLICT, (evidence,) if held_back else (evidence, passed), identity),
        )

    def _passed(self, identity: Identity, body: bytes) -> Output:
        """The cleaned record of a conflict."""
        ce_id = f"{identity.ce_id}~{identity.payload_hash}".encode()
        cleaned = self._rules.topics.cleaned[aggregate_of(identity.name)]
        return Output(cleaned, content(identity.entity_key.encode(), body, ce_id))


def _digest(identity: Identity) -> bytes:
    return blake2b(identity.ce_id.encode(), digest_size=16).digest()
