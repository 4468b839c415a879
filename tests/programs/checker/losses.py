"""What Kafka itself lost of raw, and the lanes that halted because of that and said so: what may be missing then.

Records that were processed before they were lost have their outputs, and their keys are known. What came in their place
must be processed like any other record. If the lane has halted, only one promise is left: nothing is skipped silently.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.programs.checker.counter_example import Lost
from tests.programs.checker.names import RAW
from tests.programs.checker.record import Record, Source


@dataclass(frozen=True, slots=True)
class Loss:
    """What one raw partition lost: `records`, from offset `end` on.

    `processed`: the offset from which the bridge would have gone on when they were lost.
    """

    partition: int
    end: int
    records: Sequence[Record]
    processed: int


Halted = Mapping[tuple[str, int], int]
"""Source offset at which a lane has halted and says so, by dataset and partition."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Everything that may be missing in a run; at most one loss for each partition."""

    losses: Sequence[Loss] = ()
    halted: Halted = field(default_factory=dict)

    @property
    def lost(self) -> list[Record]:
        """Raw records that were acknowledged, and that Kafka no longer has."""
        return [record for loss in self.losses for record in loss.records]

    def history(self, raw: Iterable[Record]) -> list[Record]:
        """What the bridge had to process, in its order. `raw`: what the topic holds now."""
        gone = self._processed_before_they_were_lost()
        given = {record.source: record for record in raw if not self._behind_a_halt(record)} | gone
        return [given[source] for source in sorted(given)]

    def skipped(self, raw: Iterable[Record]) -> Iterator[Lost]:
        """Counter-examples: records at the offsets of lost records that had been processed, in lanes that did not
        halt."""
        gone = self._processed_before_they_were_lost()
        halted = self.halted_partitions(RAW)
        for record in raw:
            if record.source in gone and record.partition not in halted:
                yield Lost(f"{record}: skipped, another record had been processed at its place")

    def _processed_before_they_were_lost(self) -> dict[Source, Record]:
        """If a lane has halted, its halt tells best what it had processed: a transaction may have ended late."""
        stands = {
            loss.partition: max(loss.processed, self.halted.get((RAW, loss.partition), 0)) for loss in self.losses
        }
        return {record.source: record for record in self.lost if record.offset < stands[record.partition]}

    def _behind_a_halt(self, record: Record) -> bool:
        return record.offset >= self.halted.get((RAW, record.partition), record.offset + 1)

    def halted_partitions(self, dataset: str) -> set[int]:
        """Partitions of the dataset whose lanes have halted."""
        return {partition for of, partition in self.halted if of == dataset}


NOTHING = Shortfall()
"""Kafka has everything, and every lane runs."""
