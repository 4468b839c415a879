"""Compares cleaned, conflict and quarantine records with what must be there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.programs.checker.counter_example import Duplicate, Lost
from tests.programs.checker.expected import Expected
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import CLEANED, CONFLICTS, QUARANTINE
from tests.programs.checker.record import Record, Source, source_of

Outputs = Mapping[str, Sequence[Record]]
"""Records by dataset, each partition in the order of its offsets."""

_FROM_RAW = (*CLEANED, CONFLICTS, QUARANTINE)


def wrong_outputs(expected: Iterable[Expected], outputs: Outputs, partitions: int) -> Iterator[str]:
    """Counter-examples: records lost, duplicated, altered, misplaced, or there without a reason."""
    wanted = {(output.dataset, output.source.source): output for output in expected}
    found: dict[tuple[str, Source], Record] = {}
    for dataset in _FROM_RAW:
        for record in outputs[dataset]:
            source = source_of(record)
            if source is None or (dataset, source) not in wanted:
                strange = f"{record}: should not be there (from raw {source})"
                yield Duplicate(strange) if dataset in CLEANED else strange
            elif (dataset, source) in found:
                yield Duplicate(f"{record}: duplicate of {found[dataset, source]}")
            else:
                found[dataset, source] = record
                yield from _differences(wanted[dataset, source], record, partitions)
    for dataset, source in sorted(wanted.keys() - found.keys()):
        yield Lost(f"{wanted[dataset, source].source}: lost, there is nothing of it in {dataset}")
    yield from _ids_used_twice(record for (dataset, _), record in found.items() if dataset in CLEANED)


def _differences(expected: Expected, record: Record, partitions: int) -> Iterator[str]:
    if record.value != expected.source.value:
        yield f"{record}: altered, not the bytes of {expected.source}"
    if record.key != expected.key:
        yield f"{record}: misplaced, its key is {record.key!r}, not {expected.key!r}"
    elif record.key is not None and record.partition != partition_of(record.key, partitions):
        yield f"{record}: misplaced, its key belongs to partition {partition_of(record.key, partitions)}"
    for name, value in _marks(expected).items():
        if record.header(name) != value:
            yield f"{record}: {name} is {record.header(name)}, not {value}"
    if "bridge_conflict" in record.headers and not _has_id_of_its_own(record):
        yield f"{record}: ce_id {record.header('ce_id')} does not end in the payload's hash"


def _marks(expected: Expected) -> dict[str, str | None]:
    """The headers that mark a conflict, and the stage that quarantined a record."""
    marks: dict[str, str | None] = {"bridge_first_source": None, "bridge_conflict": None}
    if expected.dataset == QUARANTINE:
        marks |= {"bridge_error_stage": "dedupe", "bridge_error_topic": expected.source.topic}
    if expected.first is not None and expected.dataset == CONFLICTS:
        marks["bridge_first_source"] = str(expected.first.source)
    elif expected.first is not None or expected.accepted:
        marks["bridge_conflict"] = "true"
    return marks


def _has_id_of_its_own(conflict: Record) -> bool:
    return (conflict.header("ce_id") or "").endswith(f"~{conflict.header('bridge_payload_hash')}")


def _ids_used_twice(cleaned: Iterable[Record]) -> Iterator[Duplicate]:
    """Only among records that should be there: the others are reported anyway."""
    first: dict[str | None, Record] = {}
    for record in cleaned:
        ce_id = record.header("ce_id")
        if (owner := first.setdefault(ce_id, record)) is not record:
            yield Duplicate(f"{record}: its ce_id {ce_id} is that of {owner}")


def out_of_order(outputs: Outputs) -> Iterator[str]:
    """Counter-examples: within one partition, records of one raw partition must keep its order."""
    for dataset in _FROM_RAW:
        last: dict[tuple[int, int], int] = defaultdict(lambda: -1)
        for record in outputs[dataset]:
            source = source_of(record)
            if source is None:  # reported as a record that should not be there
                continue
            before = last[record.partition, source.partition]
            if source.offset <= before:
                yield f"{record}: out of order, raw {source.partition}:{before} came before raw {source}"
            last[record.partition, source.partition] = source.offset
