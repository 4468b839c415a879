"""Checks that a changelog is still the one that a table comes from. Local rows that it lacks may be the last copy."""

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import ConsumerRecord

from processors.engine.errors import LaneHaltedError
from processors.engine.store import BARRIER, POSITION, TablePartition

log = logging.getLogger(__name__)

_PART: Final = "it has rows, and not of which changelog, which is written before them: files of it are missing"
_MARKED: Final = 2
"""Offsets from a transaction's last record to the record behind its marker."""


def lacking(table: TablePartition, lineage: str, end: int) -> str | None:
    """Why the table may have rows that its changelog, which ends at ``end``, lacks: they lie behind its end, are
    another changelog's, or nobody knows whose they are. None: it has none."""
    if table.lineage is None and table.offset is not None:
        return _PART
    if table.lineage not in (None, lineage):
        return f"its rows are of another cluster or topic ({table.lineage}) than the changelog is now ({lineage})"
    if table.offset is not None and table.offset >= end:
        return f"it reaches offset {table.offset}, and the changelog ends at {end}"
    return None


def lacking_before(table: TablePartition, begin: int) -> str | None:
    """Why the table may have rows from before the changelog's ``begin`` that must be kept; None: it has none."""
    if table.forgets or table.offset is None or begin == 0:
        return None
    return f"Kafka has deleted the rows of the changelog before offset {begin}, and this may be their last copy"


def check_table(table: TablePartition, lineage: str, end: int) -> None:
    """LaneHaltedError: the changelog, which ends at ``end``, does not continue the local rows. A table without a
    lineage gets the changelog's."""
    if reason := lacking(table, lineage, end):
        raise LaneHaltedError(f"{table.path} cannot be opened: {_PART}" if reason is _PART else _halted(table, reason))
    if table.lineage is None:
        table.lineage = lineage


def check_beginning(table: TablePartition, begin: int) -> None:
    """LaneHaltedError: the changelog begins at ``begin``, and has lost rows that the table may not have. Between the
    table's last row and ``begin`` there may have been rows, or only markers and rows of aborted transactions.

    This applies only to tables that must not forget. Compaction moves no log's beginning: retention has deleted what
    was before, under a wrong policy, which may be put right by now.
    """
    if table.forgets or begin == 0:
        return
    if table.outdated or table.offset is None or begin > table.offset + _MARKED:
        raise LaneHaltedError(
            f"{table.path}: Kafka has deleted the rows of its changelog before offset {begin}, and they may not all "
            "be here: docs/engine.md#when-a-lane-halts"
        )
    log.warning(
        "Kafka has deleted the rows before offset %d of the changelog: %s is their last copy", begin, table.path
    )


def check_growth(table: TablePartition, last: int, batches: Sequence[BatchBuilder]) -> None:
    """LaneHaltedError: a unit's changelog records, which end at offset ``last``, lie where the table already has
    rows."""
    first = last + 1 - sum(batch.record_count() for batch in batches)
    if table.offset is not None and first <= table.offset:
        raise LaneHaltedError(
            _halted(table, f"it reaches offset {table.offset}, and the changelog took new records at {first}")
        )


class Changelog(NamedTuple):
    """A table and the readable interval of its changelog: ``[begin, end)``."""

    table: TablePartition
    begin: int
    end: int

    @property
    def start(self) -> int:
        """Where to read from: the table's last offset, to be seen again, or the changelog's beginning if there is none
        or it is later."""
        return self.begin if self.table.offset is None else max(self.begin, self.table.offset)

    def unknown(self, records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
        """The records that the table does not have. LaneHaltedError: at the table's last offset there is another
        record.

        A changelog that has lost its end grows again. Compaction may have removed the record at that offset. A row may
        differ because it is ahead of the offset, where a process ended between two writes.
        """
        first = records[0]
        if first.offset != self.table.offset:
            return records
        row = None if first.key == BARRIER else self.table.get(first.key)
        if row != first.value and (row is None or first.key == POSITION):
            raise LaneHaltedError(_halted(self.table, f"the changelog has another record of offset {first.offset}"))
        return records[1:]


def _halted(table: TablePartition, reason: str) -> str:
    return (
        f"{table.path}: {reason}: Kafka has lost committed records, or the directory is another one's; it may "
        "be the last copy, so it is left as it is, and must not be deleted by itself: docs/engine.md#when-a-lane-halts"
    )
