"""Whether the bridge is done: everything read, and no transaction left open."""

from collections.abc import Collection, Iterator, Sequence

from tests.programs.checker.names import DATASETS, ORDERS, RAW, Names
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import TopicPartition


def unfinished(reader: TopicReader, names: Names, halted: Collection[tuple[str, int]] = ()) -> Iterator[str]:
    """What is still to be done; nothing once all that follows from raw, as it is now, is committed.

    Reports only the first stage that is not done: the next one's input changes until that has committed everything. If
    transactions are open, reports only these: whoever waits asks again and again, and there is more to process behind
    them in any case. Expects nothing of `halted` lanes (dataset and partition).
    """
    for source in (RAW, ORDERS):
        partitions = reader.partitions(names.topic(source))
        running = [each for each in partitions if (source, each[1]) not in halted]
        if left := list(_open_transactions(reader, partitions)) or list(_lag(reader, running)):
            yield from left
            return
    yield from _open_transactions(reader, [p for name in DATASETS for p in reader.partitions(names.topic(name))])


def _lag(reader: TopicReader, partitions: Sequence[TopicPartition]) -> Iterator[str]:
    """Records behind the group's offset. The offset may stand before transaction markers, which nobody reads."""
    starts = reader.begins(partitions) | reader.committed(partitions)
    for topic, partition in sorted(reader.with_records(starts)):
        yield f"{topic}[{partition}]@{starts[topic, partition]}: not processed from here on"


def _open_transactions(reader: TopicReader, partitions: Sequence[TopicPartition]) -> Iterator[str]:
    visible, ends = reader.ends(partitions, committed=True), reader.ends(partitions, committed=False)
    for (topic, partition), end in ends.items():
        if visible[topic, partition] < end:
            yield f"{topic}[{partition}]@{visible[topic, partition]}: an open transaction, up to {end}"
