"""Waits for transactions to end: Kafka answers before it writes their markers, and until then nobody sees what they
committed."""

from contextlib import closing

from tests.integration.waiting import wait_until
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import TopicPartition


def wait_until_ended(bootstrap_servers: str, *topics: str) -> None:
    """Return once no transaction is open in any of the topics."""
    with closing(TopicReader(bootstrap_servers, "looks-only")) as reader:
        partitions = [partition for topic in topics for partition in reader.partitions(topic)]

        def still_open() -> list[TopicPartition]:
            # What is visible first: what is written between the two looks counts as open.
            visible, ends = (reader.ends(partitions, committed=committed) for committed in (True, False))
            return [partition for partition in partitions if visible[partition] < ends[partition]]

        wait_until("all transactions have ended", lambda: not still_open(), still_open)
