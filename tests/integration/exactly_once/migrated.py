"""A deployment before and after its migration, compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tests.integration.exactly_once.deployment import Deployment
from tests.programs.checker.expected import Expected, expected_outputs
from tests.programs.checker.meaning import Meanings
from tests.programs.checker.names import CLEANED, CONFLICTS, ORDER_STATE, QUARANTINE, RAW
from tests.programs.checker.order_states import wrong_order_states
from tests.programs.checker.outputs import wrong_outputs
from tests.programs.checker.record import Record

_OUTPUTS = (*CLEANED, CONFLICTS, QUARANTINE)


@dataclass(frozen=True, slots=True)
class Topics:
    """What the topics hold at one time: raw, and all that comes from it."""

    raw: Sequence[Record]
    outputs: Mapping[str, Sequence[Record]]
    states: Sequence[Record]

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """The topics as they are now."""
        records = deployment.all_records((RAW, *_OUTPUTS, ORDER_STATE))
        return cls(records[RAW], {dataset: records[dataset] for dataset in _OUTPUTS}, records[ORDER_STATE])

    def places(self) -> dict[str, list[tuple[str, bytes | None]]]:
        """Every output's place and value."""
        return {
            dataset: sorted((str(record), record.value) for record in records)
            for dataset, records in self.outputs.items()
        }

    def live_states(self) -> Sequence[Record]:
        """The last state of each order in each partition, unless it was deleted."""
        last = {(record.partition, record.key): record for record in self.states}
        return [record for record in last.values() if record.value is not None]


def counter_examples(before: Topics, after: Topics, meanings: Meanings, partitions: int) -> Iterator[str]:
    """What is wrong in the topics after a migration to so many partitions, and after whatever was sent since then."""
    old = {record.source for record in before.raw}
    new_raw = [record for record in after.raw if record.source not in old]
    expected = list(expected_outputs([*_in_order(before.raw), *_in_order(new_raw)], meanings))
    new = [output for output in expected if output.source.source not in old]
    yield from wrong_outputs(new, _added(before, after), partitions)
    yield from _states(expected, after, partitions)


def _states(expected: Sequence[Expected], after: Topics, partitions: int) -> Iterator[str]:
    live = after.live_states()
    for key in {record.key for record in live}:
        if len(places := [str(record) for record in live if record.key == key]) > 1:
            yield f"{key!r} is split: {places}"
    yield from wrong_order_states(expected, live, partitions)


def _added(before: Topics, after: Topics) -> dict[str, Sequence[Record]]:
    known = {str(record) for records in before.outputs.values() for record in records}
    return {
        dataset: [record for record in records if str(record) not in known]
        for dataset, records in after.outputs.items()
    }


def _in_order(raw: Sequence[Record]) -> list[Record]:
    return sorted(raw, key=lambda record: (record.partition, record.offset))
