"""A picture as text for one screen, and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table

from bridge.version import build_in_words
from commands.status.picture import COUNTED, LOOKED_BACK, NEWEST, KeptCounts, Picture
from commands.status.problems import Problem, problems
from commands.terminal.output import InertConsole
from commands.terminal.services import Service
from schemas.instant import rfc3339_millis

_UNKNOWN: Final = "?"
_MOST_CHARACTERS: Final = 400
_SHORT_CHARACTERS: Final = 60
"""A remedy up to this length is repeated, for those who read only one problem."""


def show(console: InertConsole, picture: Picture) -> None:
    """Print the state, then what somebody has to do."""
    at = datetime.fromtimestamp(picture.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    console.print(f"{picture.settings.tenant} · {picture.settings.topic_prefix}.* · {at} UTC", style="bold")
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(overflow="fold")
    for name, value in _rows(picture):
        table.add_row(name, value)
    console.print(table)
    found = list(problems(picture))
    above: str | None = None
    for problem in found:
        console.print(f"! {_cut(problem.what)}", style="bold red")
        if problem.remedy:
            is_said = problem.remedy == above and len(problem.remedy) > _SHORT_CHARACTERS
            console.print(f"  -> {'as above' if is_said else problem.remedy}")
        above = problem.remedy
    if not found:
        console.print("Nothing is wrong.", style="green")


def _cut(text: str) -> str:
    """Cut a long text: a worker may name a thousand partitions."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… (`-o json` has all of it)"


def _rows(picture: Picture) -> Iterator[tuple[str, str]]:
    yield "ingress", _service(picture.ingress)
    for worker in picture.workers:
        yield "worker", _service(worker)
    yield "lanes", _lanes(picture)
    raw, orders = map(picture.lag, picture.sources)
    yield "lag", f"raw {_number(raw)}, orders {_number(orders)}"
    yield "events", _events(picture)
    yield "last event", _last(picture)
    yield "delivery", _delay(picture)
    yield "quarantine", _kept(picture.kafka.quarantined)
    yield "conflicts", f"{_kept(picture.kafka.conflicts)}{_older_conflicts(picture)}"
    yield "orders", _orders(picture)


def _service(service: Service) -> str:
    if service.silence is not None:
        return f"{service.url} · no answer"
    version, revision = _build(service)
    told = _UNKNOWN if version is None else build_in_words(version, revision or "")
    return f"{service.url} · {'ready' if service.ready else 'NOT READY'} · version {told}"


def _build(service: Service) -> tuple[str | None, str | None]:
    """Version and revision of a service; None: it does not tell."""
    told = service.metrics.get("bridge_build_info", ())
    labels = told[0].labels if told else {}
    return labels.get("version"), labels.get("revision") or None


def _lanes(picture: Picture) -> str:
    states = ", ".join(f"{number} {_STATES.get(state, state)}" for state, number in sorted(picture.lanes.items()))
    return states or _UNKNOWN


_STATES: Final = {"none": "of which no worker tells"}


def _events(picture: Picture) -> str:
    received, processed = picture.per_second()
    return f"{_rate(received)} received in the last minute, {_rate(processed)} processed"


def _last(picture: Picture) -> str:
    arrived = picture.kafka.arrivals
    if arrived is None:
        return _UNKNOWN
    if arrived.last is None:
        return "none yet" if not arrived.stored else "none that is still stored"
    ago = picture.at - arrived.last.received_ms / 1000
    return f"{arrived.last.event}, {_span(ago)} ago, raw {arrived.last.place}"


def _delay(picture: Picture) -> str:
    arrived = picture.kafka.arrivals
    if arrived is None or arrived.delays_s is None:
        return _UNKNOWN
    middle, longest = arrived.delays_s
    return f"{_span(middle)} after publication (median of the latest), {_span(longest)} at most"


def _kept(kept: KeptCounts | None) -> str:
    if kept is None:
        return _UNKNOWN
    if kept.open is None:
        return f"about {kept.records:,} in {LOOKED_BACK}, {_UNKNOWN} open"
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(kept.reasons.items()))
    behind = f" ({reasons})" if reasons else ""
    return f"{kept.records:,} in {LOOKED_BACK}, {_open(kept, kept.open)}{behind}"


def _open(kept: KeptCounts, number: int) -> str:
    if not number and kept.records > NEWEST:
        return f"none of the newest {NEWEST:,} open"  # the others were not looked at
    return f"{kept.at_least}{number:,} open"


def _older_conflicts(picture: Picture) -> str:
    """Those that are held back from before the last hour, if any: no problem, because none can be rejected."""
    (number, is_all), kept = picture.conflicts_told(), picture.kafka.conflicts
    if number <= (kept.open or 0 if kept else 0):
        return ""
    return f"; {'' if is_all else 'at least '}{number:,} open of any age"


def _orders(picture: Picture) -> str:
    late = f"{_number(picture.orders('incomplete'))} incomplete, {_number(picture.orders('stalled'))} stalled"
    older, is_all = picture.orders_told("of_older_rules")
    at_least = "" if is_all else "at least "
    return f"{late}, {at_least}{older:,} still to be judged by newer rules" if older else late


def _number(number: int | None) -> str:
    return _UNKNOWN if number is None else f"{number:,}"


def _rate(per_second: float | None) -> str:
    return _UNKNOWN if per_second is None else f"{per_second:,.1f}/s"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.1f} s"


def document(picture: Picture) -> dict[str, Any]:
    """The whole picture as `-o json` prints it. null: unknown."""
    kafka, arrived = picture.kafka, picture.kafka.arrivals
    received, processed = picture.per_second()
    last = arrived.last if arrived else None
    held_back, is_all = picture.conflicts_told()
    found: Sequence[Problem] = list(problems(picture))
    return {
        "at": rfc3339_millis(int(picture.at * 1000)),
        "tenant": picture.settings.tenant,
        "topic_prefix": picture.settings.topic_prefix,
        "ok": not found,
        "problems": [problem._asdict() for problem in found],
        "ingress": _service_document(picture.ingress),
        "workers": [_service_document(worker) for worker in picture.workers],
        "lanes": dict(picture.lanes),
        "lag": {topic: picture.lag(topic) for topic in picture.sources},
        "events_per_second": {"received_last_minute": received, "processed": processed},
        "last_event": last and {"event": last.event, "at": rfc3339_millis(last.received_ms), "raw": str(last.place)},
        "delivery_delay_seconds": _delays(picture),
        "quarantine_last_hour": kafka.quarantined and _kept_document(kafka.quarantined),
        "conflicts_last_hour": kafka.conflicts and _kept_document(kafka.conflicts),
        "conflicts_open": held_back if is_all else None,
        "orders": {which: picture.orders(which) for which in COUNTED},
    }


def _service_document(service: Service) -> dict[str, Any]:
    silent = service.silence is not None
    version, revision = _build(service)
    return {
        "url": service.url,
        "answers": not silent,
        "ready": None if silent else service.ready,
        "version": version,
        "revision": revision,
        "problems": dict(service.problems),
        "warnings": dict(service.warnings),
    }


def _delays(picture: Picture) -> dict[str, float] | None:
    arrived = picture.kafka.arrivals
    if arrived is None or arrived.delays_s is None:
        return None
    return {"median": arrived.delays_s[0], "longest": arrived.delays_s[1]}


def _kept_document(kept: KeptCounts) -> dict[str, Any]:
    return {"records": kept.records, "open": kept.open, "reasons": dict(kept.reasons)}
