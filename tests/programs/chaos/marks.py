"""How far the sources are, and how much of them is committed: asked with fresh metadata by a client of our own."""

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from tests.programs.chaos.standing import Marks, Partition
from tests.programs.checker.clients import Clients
from tests.programs.checker.names import ORDERS, RAW, Names
from tests.programs.checker.reading import TopicReader

_PATIENCE = 5.0


class MarksReader:
    """Asks about all partitions of raw and orders."""

    def __init__(self, bootstrap_servers: str, names: Names, partitions: int) -> None:
        self._servers, self._group = bootstrap_servers, names.group
        self._partitions = [(names.topic(source), number) for source in (RAW, ORDERS) for number in range(partitions)]
        self._clients = Clients(bootstrap_servers, names.group)

    def close(self) -> None:
        """Release the clients."""
        self._clients.close()

    def read(self) -> dict[Partition, Marks]:
        """The marks of the partitions that can be asked. KafkaException: nobody knows what is committed; new clients
        ask the next time."""
        asked = [TopicPartition(*partition) for partition in self._partitions]
        try:
            answers = self._clients.group.committed(asked, _PATIENCE)
        except KafkaException:
            self._clients.renew()
            raise
        committed = {(answer.topic, answer.partition): max(0, answer.offset) for answer in answers}
        ends = self._ends(asked)
        if len(ends) < len(asked):
            self._clients.renew()
        return {partition: Marks(committed[partition], end) for partition, end in ends.items()}

    def _ends(self, asked: list[TopicPartition]) -> dict[Partition, int]:
        answers = self._clients.admin.list_offsets(
            dict.fromkeys(asked, OffsetSpec.latest()),
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=_PATIENCE,
        )
        ends = {}
        for tp, answer in answers.items():
            try:
                ends[tp.topic, tp.partition] = answer.result(2 * _PATIENCE).offset
            except (KafkaException, TimeoutError):  # its leader is away
                continue
        return ends

    def is_behind(self, partition: Partition) -> bool:
        """Whether there are uncommitted records, not only markers or what was given up."""
        reader = TopicReader(self._servers, self._group)
        try:
            return bool(reader.read({partition: reader.committed([partition]).get(partition, 0)}))
        except (KafkaException, TimeoutError):
            return False
        finally:
            reader.close()
