"""The problems in a picture, the worst first. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from bridge.printable import printable
from commands.status.picture import FLOOD, LOOKED_BACK, KeptCounts, Picture
from commands.terminal.certificates import ending_certificates
from commands.terminal.disks import low_disk
from commands.terminal.remedies import (
    OF_A_FOREIGN_INGRESS,
    OF_A_FOREIGN_WORKER,
    OF_A_FULL_DISK,
    OF_A_HANG,
    OF_ANOTHER_TENANT,
    OF_MISSING_TOPICS,
    OF_REFUSED_DELIVERIES,
    OF_SILENCE,
    OF_SILENT_NEWSTORE,
    OF_UNCLAIMED_LANES,
    causes,
    of_a_consequence,
    of_another_tenant,
    remedy,
)
from commands.terminal.services import Service
from schemas.headers import source_of
from schemas.outcome import Reason

_KAFKA_ERROR: Final = "kafka_error"
_SILENT_S: Final = 86_400
"""As the alert BridgeNoEventForADay has it."""
_EXPLAINED: Final = "docs/ingress.md#why-a-delivery-was-not-taken explains it"


class Problem(NamedTuple):
    """A sentence without its full stop, and a remedy, unless the sentence has it."""

    what: str
    remedy: str | None = None


def problems(picture: Picture) -> Iterator[Problem]:
    """All problems."""
    for trouble in picture.kafka.troubles:
        what, _, remedy_ = trouble.partition(" -> ")
        yield Problem(what, remedy_ or "run `bridge doctor`")
    # Before the lanes, because a full disk may stop all of a worker's.
    disks = [low for low in map(low_disk, picture.own) if low is not None]
    for low in disks:
        yield Problem(low.what, low.remedy)
    cause = OF_A_FULL_DISK if any(low.is_full for low in disks) else None
    for lane in picture.halted():
        what = f"the lane {lane} has halted: nothing of that partition is processed"
        yield Problem(what, remedy(picture.settings, "lanes", " halted", cause=cause))
    if (foreign := picture.ingress.foreign(picture.settings)) is not None:
        yield Problem(foreign, OF_A_FOREIGN_INGRESS)
    else:
        yield from _service(picture, "ingress", "BRIDGE_INGRESS_URL", picture.ingress)
        yield from _refused(picture)
    yield from _silence(picture)
    yield from _tenant(picture)
    for worker in picture.workers:
        if (foreign := worker.foreign(picture.settings)) is not None:
            yield Problem(foreign, OF_A_FOREIGN_WORKER)
            continue
        yield from _service(picture, "worker", "BRIDGE_WORKER_URL", worker)
    if picture.kafka.members and (idle := picture.unclaimed):
        what = f"{_some(idle, 'lane is', 'lanes are')} run by no worker, though all are ready"
        yield Problem(f"{what}: nothing of that is processed", OF_UNCLAIMED_LANES)
    if picture.kafka.members == []:
        yield Problem("no worker is in the consumer group: nothing is processed", _of_an_empty_group(picture))
    yield from _kept(picture)


def _of_an_empty_group(picture: Picture) -> str:
    if not any("group" in worker.problems for worker in picture.own):
        return "start `bridge worker`"
    cause = _cause(picture)
    return of_a_consequence(cause, "worker") if cause else "a worker runs, and is no member: see what it says"


def _service(picture: Picture, name: str, setting: str, service: Service) -> Iterator[Problem]:
    if service.silence is not None:
        what = OF_A_HANG if service.hangs else f"start it, or set {setting}"
        yield Problem(f"no {name} answers at {service.url}: {service.silence}", what)
    if (other := service.other_tenant(picture.settings)) is not None:
        yield Problem(f"the {name} is of another tenant: {other}", of_another_tenant(name))
    who = f"the {name} at {service.url}"
    for ending in ending_certificates(who, service, picture.at):
        yield Problem(ending.what, ending.remedy)
    cause = _cause(picture) or (OF_A_FULL_DISK if (low := low_disk(service)) and low.is_full else None)
    told: Mapping[str, str] = {**causes(service.problems), **service.warnings}
    for check, what in told.items():
        says = "is not ready" if check in service.problems else "says"
        how = remedy(picture.settings, check, what, cause=cause, beside=service.problems)
        yield Problem(f"{who} {says}: {what}", how)


def _cause(picture: Picture) -> str | None:
    """A problem of Kafka from which services' problems may follow."""
    if picture.kafka.is_silent:
        return OF_SILENCE
    return OF_MISSING_TOPICS if picture.kafka.lacks_topics else None


def _refused(picture: Picture) -> Iterator[Problem]:
    """An ingress stays ready while it tries, and writes Kafka's answers only to its log."""
    for cause, number in picture.refused().items():
        delivery = _some(number, "delivery", "deliveries")
        what = f"the ingress at {picture.ingress.url} has answered {delivery} 500 while it was looked at: {cause}"
        known = _cause(picture)
        of_kafka = of_a_consequence(known, "ingress") if known else OF_REFUSED_DELIVERIES
        yield Problem(what, of_kafka if cause == _KAFKA_ERROR else _EXPLAINED)


def _silence(picture: Picture) -> Iterator[Problem]:
    """Nothing comes, even if all services are ready. What was turned away may be all that NewStore sends."""
    last = picture.kafka.arrivals.last if picture.kafka.arrivals else None
    if last is None or (ago_s := picture.at - last.received_ms / 1000) < _SILENT_S:
        return
    what = f"no event has come for {ago_s / 3600:,.0f} hours"
    if away := picture.turned_away():
        what += f"; since its start the ingress has answered {_some(away, 'delivery', 'deliveries')} 401, 404 or 405"
    yield Problem(what, OF_SILENT_NEWSTORE)


def _tenant(picture: Picture) -> Iterator[Problem]:
    """The last event in raw has the tenant of its ingress."""
    last = picture.kafka.arrivals.last if picture.kafka.arrivals else None
    if last is not None and last.source not in {None, source_of(picture.settings.tenant)}:
        source = printable((last.source or b"").decode("utf-8", "backslashreplace"))
        what = f"the last event in raw is of {source}, and BRIDGE_TENANT here is {picture.settings.tenant}"
        yield Problem(what, OF_ANOTHER_TENANT)


def _kept(picture: Picture) -> Iterator[Problem]:
    quarantined, conflicts = picture.kafka.quarantined, picture.kafka.conflicts
    others = _not_replayed(quarantined, Reason.OTHER_TENANT) if quarantined else 0
    if quarantined and others:
        events = _some(others, "event of another tenant was", "events of another tenant were")
        what = f"{quarantined.at_most}{events} quarantined in {LOOKED_BACK}; ours is {picture.settings.tenant}"
        yield Problem(what, remedy(picture.settings, "tenant", ""))
    bodies = quarantined.records - sum(quarantined.published.values()) - others if quarantined else 0
    for kind, kept in (("quarantine", quarantined), ("conflicts", conflicts)):
        if kept and kept.open is None:
            what = f"about {_some(kept.records, 'record has', 'records have')} come to {kind} in {LOOKED_BACK}"
            why = "too many to look at here" if kept.records > FLOOD else "which could not be looked at in time"
            yield Problem(f"{what}, {why}", f"{_look(kind)}, and takes its time")
    if quarantined and quarantined.open is not None and bodies:
        what = f"{quarantined.at_most}{_some(bodies, 'body was', 'bodies were')} quarantined in {LOOKED_BACK}"
        yield Problem(f"{what}, and not replayed since", _look("quarantine"))
    if conflicts and conflicts.open:
        held = _some(conflicts.open, f"conflict of {LOOKED_BACK} is", f"conflicts of {LOOKED_BACK} are")
        yield Problem(f"{conflicts.at_least}{held} held back", _look("conflicts"))
    if late := picture.orders("incomplete"):
        yield Problem(
            f"{_some(late, 'order is', 'orders are')} incomplete",
            "`bridge gaps --missing` lists what to ask NewStore for",
        )


def _some(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _not_replayed(kept: KeptCounts, reason: str) -> int:
    return kept.reasons.get(reason, 0) - kept.published.get(reason, 0)


def _look(kind: str) -> str:
    return f"`bridge {kind} list --since 1h` shows them"
