"""What became of a raw record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.kafka.reading import Record, Source
from commands.evidence.kept import Kept
from commands.explain.case import Case
from commands.explain.of_record import order_of, place_of, raw_of, text_of
from processors.dedupe.raw_event import NoEvent, RawReader
from schemas import headers as header
from schemas.headers import CachedIdentity, traceparent_of
from schemas.instant import epoch_millis, rfc3339_millis
from schemas.outcome import Outcome, Reason
from schemas.routing import aggregate_of


@dataclass(slots=True)
class Delivery:
    """A raw record and what was found out about it. Positions are text.

    - `raw`: None if the ingress or a backfill refused the body. `order_id`: None if the event belongs to no order.
    - `verdict`: None if unknown; `pending`: unknown because no worker has processed the record yet.
    - `first`: the earlier raw record of the same key. `cleaned`, `conflict`, `quarantined`: positions in those topics;
      a duplicate has those of its first record.
    - `accepted`: the raw record by which a conflict was passed on; `replayed`: the raw record as which the body was
      published again from quarantine. `accepts`, `replays`: if this record was published from there, the position in
      conflicts or quarantine.
    """

    raw: str | None
    received_at: str
    event: str | None = None
    ce_id: str | None = None
    entity_key: str | None = None
    order_id: str | None = None
    traceparent: str | None = None
    accepts: str | None = None
    replays: str | None = None
    verdict: Outcome | None = None
    pending: bool = False
    reason: str | None = None
    stage: str | None = None
    first: str | None = None
    first_received_at: str | None = None
    deliveries: int | None = None
    last_received_at: str | None = None
    cleaned_topic: str | None = None
    cleaned: str | None = None
    conflict: str | None = None
    passed_on: bool = False
    accepted: str | None = None
    quarantined: str | None = None
    replayed: str | None = None
    order: dict[str, Any] | None = field(default=None)


def of_another_tenant(made: Delivery) -> bool:
    """Whether the settings make it another tenant's, though no worker has quarantined it for that."""
    return made.reason == Reason.OTHER_TENANT and made.verdict is None


async def explain_delivery(case: Case, record: Record) -> Delivery:
    """Find out what became of a raw record, or of a body that the ingress or a backfill refused. KafkaError: no
    answer."""
    if record.topic == case.settings.topics.quarantine:
        made = Delivery(None, rfc3339_millis(record.timestamp), traceparent=traceparent_of(record.headers))
        await _quarantined(case, made, record)
        return made
    place = Source(record.partition, record.offset)
    made = Delivery(str(place), rfc3339_millis(record.timestamp), traceparent=traceparent_of(record.headers))
    read = RawReader(case.settings.tenant, case.table).read(record)
    made.replays = text_of(dict(record.headers).get(header.REPLAY))
    made.pending = not await case.is_processed(place)
    if isinstance(read, NoEvent):
        made.reason = read.reason.value
    else:
        _enter_event(case, made, read.identity)
        made.order_id = order_of(record)
    # First of all: if it was published again from quarantine, conflicts and cleaned records come from the copy.
    await _in_quarantine(case, made, record)
    if isinstance(read, NoEvent) or made.verdict is not None:
        return made
    since_ms = await _ask_how_often(case, made, read.identity, record)
    if not made.pending:
        await _in_conflicts(case, made, read.identity, since_ms)
        await _in_cleaned(case, made, read.identity, since_ms)
    return made


def _enter_event(case: Case, made: Delivery, identity: CachedIdentity) -> None:
    made.event, made.entity_key = identity.name, identity.entity_key.decode("utf-8", "backslashreplace")
    made.accepts = text_of(identity.accept)
    made.ce_id = f"{case.encoded_tenant}/{identity.row_key.decode()}"
    made.cleaned_topic = case.settings.topics.cleaned[aggregate_of(identity.name)]


async def _ask_how_often(case: Case, made: Delivery, identity: CachedIdentity, record: Record) -> int:
    """Enter a worker's counts; return the earliest time (ms) at which the event can have been received."""
    known = await case.worker.seen(f"{made.ce_id}~{identity.payload_hash.decode()}")
    if known is None or known["first_received_at"] is None:
        return case.since(record.timestamp)
    made.deliveries, made.last_received_at = known["deliveries"], known["last_received_at"]
    made.first_received_at = known["first_received_at"]
    return min(epoch_millis(made.first_received_at), record.timestamp)


async def _in_conflicts(case: Case, made: Delivery, identity: CachedIdentity, since_ms: int) -> None:
    """Find the conflict of this record, or of the first one with its key and payload. An accepting record has none."""
    if identity.accept is not None:
        return
    numbers = case.homes(identity.name.encode())
    found = await case.search.first(case.settings.topics.conflicts, numbers, since_ms, _same(made, identity))
    if found is None:
        return
    source, said = raw_of(found), dict(found.headers)
    made.conflict = place_of(found)
    if source == made.raw:
        made.verdict, made.first = Outcome.CONFLICT, text_of(said.get(header.FIRST_SOURCE))
        made.passed_on = not case.table.rule(identity.name).documented
    else:
        _repeats(made, found)


async def _in_cleaned(case: Case, made: Delivery, identity: CachedIdentity, since_ms: int) -> None:
    """Find the cleaned record of this record, or of the first one of the same event and payload."""
    topic, numbers = made.cleaned_topic or "", case.homes(identity.entity_key)
    found = await case.search.first(topic, numbers, since_ms, _same(made, identity))
    if found is not None:
        made.cleaned, source = place_of(found), raw_of(found)
        if made.conflict is not None:  # not by the present rules: others may have decided it
            made.passed_on = source == (made.raw if made.verdict is Outcome.CONFLICT else made.first)
            made.accepted = None if made.passed_on else source
        elif source != made.raw:
            _repeats(made, found)
        else:
            made.verdict = Outcome.UNIQUE
    elif made.verdict is None and made.first_received_at is not None:  # deleted by retention, but a worker remembers it
        made.verdict = _by_time(made)


def _by_time(made: Delivery) -> Outcome | None:
    """The verdict from the time of the first delivery; None: others may have come in the same millisecond."""
    if made.first_received_at != made.received_at:
        return Outcome.DUPLICATE
    alone = made.deliveries == 1 or (made.deliveries == 2 and made.last_received_at != made.received_at)
    return Outcome.UNIQUE if alone else None


def _repeats(made: Delivery, first: Record) -> None:
    made.verdict, made.first = Outcome.DUPLICATE, raw_of(first)
    made.first_received_at = rfc3339_millis(first.timestamp)


def _same(made: Delivery, identity: CachedIdentity) -> Callable[[Record], bool]:
    """Tells records that come from this one, or are of the same event and payload. There is at most one."""
    base = (made.ce_id or "").encode()
    ids = {base, b"%s~%s" % (base, identity.payload_hash)}

    def is_it(record: Record) -> bool:
        said = dict(record.headers)
        is_same = said.get(header.CE_ID) in ids and said.get(header.PAYLOAD_HASH) == identity.payload_hash
        return is_same or raw_of(record) == made.raw

    return is_it


async def _in_quarantine(case: Case, made: Delivery, record: Record) -> None:
    wanted = {
        header.ERROR_TOPIC: case.settings.topics.raw.encode(),
        header.ERROR_PARTITION: b"%d" % record.partition,
        header.ERROR_OFFSET: b"%d" % record.offset,
    }
    quarantine = case.settings.topics.quarantine
    found = await case.search.first(
        quarantine, [record.partition], record.timestamp, lambda each: wanted.items() <= dict(each.headers).items()
    )
    if found is not None:
        await _quarantined(case, made, found)


async def _quarantined(case: Case, made: Delivery, found: Record) -> None:
    said = dict(found.headers)
    made.verdict, made.quarantined, made.pending = Outcome.QUARANTINED, place_of(found), False
    made.reason, made.stage = text_of(said.get(header.ERROR_REASON)), text_of(said.get(header.ERROR_STAGE))
    made.replayed = await _replayed(case, found)


async def _replayed(case: Case, quarantined: Record) -> str | None:
    """The position in raw of its copy, searched by the event's name; None: no name, or no copy."""
    name, place = Kept.of(quarantined).event(), place_of(quarantined).encode()
    if name is None:
        return None
    raw, homes = case.settings.topics.raw, case.homes(name.encode())
    found = await case.search.first(
        raw, homes, quarantined.timestamp, lambda each: dict(each.headers).get(header.REPLAY) == place
    )
    return None if found is None else place_of(found)
