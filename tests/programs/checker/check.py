"""The whole check, over topics alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tests.programs.checker.by_operator import replayed, wrong_copies
from tests.programs.checker.counter_example import Lost
from tests.programs.checker.expected import expected_outputs
from tests.programs.checker.losses import NOTHING, Shortfall
from tests.programs.checker.meaning import Meanings
from tests.programs.checker.names import DATASETS, ORDER_STATE, ORDERS, QUARANTINE, RAW, Names
from tests.programs.checker.order_states import wrong_order_states
from tests.programs.checker.outputs import out_of_order, wrong_outputs
from tests.programs.checker.progress import unfinished
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import Record

Traces = Mapping[str, bytes]
"""The bodies of deliveries whose caller was told that they are safe, by each delivery's own `traceparent`."""

_NONE: Traces = MappingProxyType({})


def counter_examples(
    reader: TopicReader,
    names: Names,
    sent: Counter[bytes],
    meanings: Meanings,
    traces: Traces = _NONE,
    shortfall: Shortfall = NOTHING,
) -> list[str]:
    """Everything that is wrong, each as `topic[partition]@offset: what`; empty if all is well.

    `sent` counts, by body, the deliveries whose caller was told that they are safe. `traces` has those of them that can
    be told from other deliveries of the same body. `shortfall`: what may be missing.
    """
    partitions = {dataset: reader.partitions(names.topic(dataset)) for dataset in DATASETS}
    records: dict[str, list[Record]] = {dataset: [] for dataset in DATASETS}
    dataset_of = {names.topic(dataset): dataset for dataset in DATASETS}
    states: dict[tuple[int, bytes | None], Record] = {}
    for record in reader.stream(reader.begins([partition for parts in partitions.values() for partition in parts])):
        if (dataset := dataset_of[record.topic]) == ORDER_STATE:
            states[record.partition, record.key] = record  # only the last of each order: all would not fit into memory
        else:
            records[dataset].append(record)
    records[ORDER_STATE] = list(states.values())
    wrong = wrong_records(records, sent, meanings, len(partitions[RAW]), traces, shortfall)
    return [*unfinished(reader, names, shortfall.halted), *wrong]


def wrong_records(
    records: Mapping[str, Sequence[Record]],
    sent: Counter[bytes],
    meanings: Meanings,
    partitions: int,
    traces: Traces = _NONE,
    shortfall: Shortfall = NOTHING,
) -> Iterator[str]:
    """What is wrong with these records, by dataset. Whether the bridge is done is not checked."""
    refused = [record for record in records[QUARANTINE] if _by_ingress(record)]
    received = [*records[RAW], *shortfall.lost, *refused]
    yield from _lost_deliveries(received, sent, traces)
    if strange := [record for record in received if record.value not in meanings]:
        yield from (f"{record}: nobody sent this" for record in strange)
        return
    again = replayed(records[RAW])
    for record in refused:
        if meanings[record.value or b""] and str(record.source) not in again:
            yield f"{record}: refused, but it is an event"
    yield from wrong_copies(records)
    yield from (_failure(record) for record in records[QUARANTINE] if _handler_failed(record))
    yield from shortfall.skipped(records[RAW])
    expected = list(expected_outputs(shortfall.history(records[RAW]), meanings))
    outputs = {**records, QUARANTINE: [record for record in records[QUARANTINE] if _is_verdict(record)]}
    yield from wrong_outputs(expected, outputs, partitions)
    yield from out_of_order(outputs)
    halted = shortfall.halted_partitions(ORDERS)
    yield from wrong_order_states(expected, records[ORDER_STATE], partitions, halted)


def _lost_deliveries(received: Sequence[Record], sent: Counter[bytes], traces: Traces) -> Iterator[Lost]:
    """Another copy of a body does not replace a traced delivery: that needs a record with its own trace."""
    stored = {record.header("traceparent"): record.value for record in received}
    for trace, body in traces.items():
        if stored.get(trace) != body:
            yield Lost(f"raw: a delivery lost, {trace} of {body!r}")
    untraced = Counter(record.value or b"" for record in received if record.header("traceparent") not in traces)
    for body in (sent - Counter(traces.values()) - untraced).elements():
        yield Lost(f"raw: a delivery lost, one of {sent[body]} of {body!r}")


def _is_verdict(record: Record) -> bool:
    """Whether dedupe quarantined the record: a raw record that is no event."""
    return not _by_ingress(record) and not _handler_failed(record)


def _handler_failed(record: Record) -> bool:
    """Whether the record is an event that a service could not process. No event sent here should be one."""
    return record.header("bridge_error_reason") == "handler_failed"


def _failure(record: Record) -> str:
    said = {name: record.header(f"bridge_error_{name}") for name in ("topic", "partition", "offset", "exception")}
    return f"{record}: {record.header('bridge_error_stage')} failed on an event: {said}"


def _by_ingress(record: Record) -> bool:
    """Whether the ingress quarantined the record: it was never in raw."""
    return record.header("bridge_error_stage") == "ingress"
