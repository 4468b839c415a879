"""What the engine needs to know from its owner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from processors.engine.expiry import Expiry

COORDINATION: Final = ("__consumer_offsets", "__transaction_state")
"""Where Kafka keeps groups and transactions."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Settings of one worker process. Times in seconds, sizes in bytes."""

    group_id: str
    """Consumer group; also the first part of every transactional id."""
    client: Mapping[str, Any]
    """aiokafka options common to all clients: brokers and security."""
    data_dir: Path
    outputs: tuple[str, ...]
    """Topics that units write besides the changelogs."""
    advertised_url: str
    expiry: Mapping[str, Expiry]
    """By table, if its rows do not stay for ever."""
    queues: Mapping[str, tuple[bytes, ...]]
    """By table: key prefixes of rows that are deleted from the first one on, and looked for again and again."""
    instance_id: str | None
    """Static group membership: a restarted member gets its partitions back without a rebalance."""
    session_timeout: float
    transaction_timeout: float
    chunk_records: int
    chunk_bytes: int
    max_record_bytes: int
    compression: str | None
    """Codec of all that lanes write."""
    in_words: Callable[[BaseException], str]
    """What the log says of an error."""
    clock: Callable[[], float]
    """Seconds, for what brokers count by their own clocks; best a clock that goes on while the system is suspended."""

    @property
    def unit_bytes(self) -> int:
        """Most bytes that a unit writes. For orders with few lines, a row and a document for every third record are
        twice the bytes read. With one of each for every record, too few records would fit for that ever to change. So a
        unit has room for twice that."""
        return 4 * self.chunk_bytes

    @property
    def heartbeat_interval(self) -> float:
        """Seconds; so short that a member hears of a rebalance soon, however long its session."""
        return min(3.0, self.session_timeout / 6)
