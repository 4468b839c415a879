"""What a page of metrics says of a moment: an open transaction, a Kafka that did not answer, a lane that opens.

If nothing is wrong, that is over by the next page or the one after, and must not be taken for what goes on.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

_HIGH: Final = "bridge_source_high_watermark_offset"
_STABLE: Final = "bridge_source_last_stable_offset"
_STATE: Final = "bridge_lane_state"
_UP: Final = "bridge_kafka_up"
_MOVING: Final = {"opening", "verifying", "failed"}
"""States that a lane leaves by itself."""


def passing(page: str) -> set[str]:
    """All of that."""
    opening = {
        f"{_place(labels)} is {labels['state']}"
        for labels, value in _samples(page, _STATE)
        if value and labels["state"] in _MOVING
    }
    return opening | unanswered(page) | {f"{place} is behind a transaction" for place in behind_one(page)}


def unanswered(page: str) -> set[str]:
    """What Kafka did not answer when it was asked last: whether it is there, and where the source partition of each
    lane ends."""
    ends = {_place(labels) for labels, _ in _samples(page, _HIGH)}
    lanes = {_place(labels) for labels, _ in _samples(page, _STATE)}
    away = {"Kafka is away" for _, up in _samples(page, _UP) if not up}
    return away | {f"{place} has no end" for place in lanes - ends}


def behind_one(page: str) -> set[str]:
    """`topic/partition` of each source partition behind an open transaction: its high watermark is not its last stable
    offset."""
    high, stable = ({_place(labels): end for labels, end in _samples(page, name)} for name in (_HIGH, _STABLE))
    return {place for place, end in high.items() if end != stable[place]}


def total(page: str, name: str) -> float:
    """The sum of all samples of a gauge."""
    return sum(value for _, value in _samples(page, name))


def _samples(page: str, name: str) -> Iterator[tuple[Mapping[str, str], float]]:
    for family in text_string_to_metric_families(page):
        if family.name == name:
            yield from ((each.labels, each.value) for each in family.samples)


def _place(labels: Mapping[str, str]) -> str:
    return f"{labels['topic']}/{labels['partition']}"
