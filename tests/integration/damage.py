"""Bit rot: a broker's disk does not have what was written. The broker hands it out as it lies there."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.kafka import LocalKafka


@contextmanager
def damaged(broker: LocalKafka, topic: str, value: bytes) -> Iterator[None]:
    """Meanwhile one bit of this value is flipped on the disk of the only broker, a process of ours. The value is there
    once, in partition 0 of the topic."""
    assert broker.log is not None, broker.rung
    (segment,) = broker.log.parent.glob(f"**/{topic}-0/*.log")
    place = segment.read_bytes().index(value)

    def flip() -> None:
        with segment.open("r+b") as log:
            log.seek(place)
            (byte,) = log.read(1)
            log.seek(place)
            log.write(bytes([byte ^ 1]))

    flip()
    try:
        yield
    finally:
        flip()
