"""The numbers of the first page, of this worker alone. Each says what it counts, or why it is not known."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from prometheus_client.registry import Collector

from bridge import metrics
from processors.worker.console.home.activity import Activity, Sample
from processors.worker.console.home.quantiles import Buckets, at_most
from processors.worker.console.rendering import lasting
from schemas.outcome import Outcome

_LEAST_S: Final = 1.0
"""A shorter window gives no meaningful rate."""


class Number(NamedTuple):
    """A number, with a second value `more`. `value` None: not known, and `note` says why. `look`: `late`, `bad` or
    empty."""

    name: str
    value: str | None
    note: str
    look: str = ""
    more: str = ""


def numbers(activity: Activity, sla: timedelta, topics: Mapping[str, str]) -> Iterator[Number]:
    """Yield the numbers. `topics`: source topics, with their names on the page."""
    before, now = activity.window()
    seconds = now.at - before.at
    since = f"in the last {lasting(timedelta(seconds=seconds))}"
    yield _rate(before, now, seconds, since)
    yield from _outcomes(before, now, since)
    of = f"{since}, of a sample; replays and backfills count with their age"
    yield _delay("NewStore's delay", now.delivery.since(before.delivery), sla, of)
    own = now.end_to_end.since(before.end_to_end)
    yield _delay("the bridge's own delay", own, None, f"{since}, from receipt to the cleaned topic")
    yield from _lags(topics)
    yield _quarantined(activity)


def _rate(before: Sample, now: Sample, seconds: float, since: str) -> Number:
    if seconds < _LEAST_S:
        return Number("events a second", None, "this worker has only just started")
    rate = (now.outcomes.total() - before.outcomes.total()) / seconds
    return Number("events a second", f"{rate:,.1f}" if rate < 10 else f"{rate:,.0f}", since)


def _outcomes(before: Sample, now: Sample, since: str) -> Iterator[Number]:
    for outcome in Outcome:
        number = now.outcomes[outcome] - before.outcomes[outcome]
        look = "late" if number and outcome in {Outcome.CONFLICT, Outcome.QUARANTINED} else ""
        yield Number(outcome, f"{number:,}", f"{since}; {now.outcomes[outcome]:,} since the start", look)


def _delay(name: str, buckets: Buckets, sla: timedelta | None, of: str) -> Number:
    middle, most = at_most(buckets, 0.5), at_most(buckets, 0.99)
    if middle is None or most is None:
        return Number(name, None, f"no event came {of}")
    against, look = "", ""
    if sla is not None:
        over, is_exact = _over(buckets, sla)
        if over:
            look = "bad" if is_exact else "late"
        share = f"{'' if is_exact else 'at most '}{over:.1%}" if over else "none"
        against = f"{share} over the SLA of {lasting(sla)}; "
    return Number(name, f"p50 {middle}", f"{against}{of}", look, f"p99 {most}")


def _over(buckets: Buckets, sla: timedelta) -> tuple[float, bool]:
    """Return the share of values beyond the SLA, and whether it is exact: the SLA is a bound of the buckets. Else the
    share is the most there can be, by the last bound below the SLA."""
    seconds, within, is_exact = sla.total_seconds(), 0.0, False
    for bound, count in zip(buckets.bounds, buckets.counts, strict=True):
        if bound <= seconds:
            within, is_exact = count, bound == seconds
    return 1 - within / buckets.total, is_exact


def _lags(topics: Mapping[str, str]) -> Iterator[Number]:
    found = samples(metrics.consumer_lag_events)
    for topic, name in topics.items():
        lags = [value for labels, value in found if labels["topic"] == topic]
        if not lags:
            yield Number(f"lag, {name}", None, "this worker has no partition of it, or nobody told where its log ends")
        else:
            note = f"records in {len(lags)} partitions; at most {int(max(lags)):,} in one"
            yield Number(f"lag, {name}", f"{int(sum(lags)):,}", note)


def _quarantined(activity: Activity) -> Number:
    started = _clock(activity.started)
    if activity.last_quarantined is None:
        note = f"none by this worker since its start at {started}; `bridge quarantine list` has the older ones"
        return Number("last quarantined event", None, note)
    return Number("last quarantined event", _clock(activity.last_quarantined), "UTC, to within 5 s, by this worker")


def orders_by_status() -> Mapping[str, int]:
    """Return how many of this worker's orders have each status, and how many are provisional. Empty while no lane
    of orders is open: nobody counts them."""
    counted = {labels["status"]: int(value) for labels, value in samples(metrics.orders) if value}
    counted.update(("provisional", int(value)) for _, value in samples(metrics.orders_provisional))
    return counted


def samples(metric: Collector) -> list[tuple[Mapping[str, str], float]]:
    """Return the labels and the value of each series."""
    return [(each.labels, each.value) for family in metric.collect() for each in family.samples]


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y %H:%M:%S")
