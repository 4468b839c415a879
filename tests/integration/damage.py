"""Bit rot: what a broker's disk has is not what was written. The broker hands it out as it lies there."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.kafka import LocalKafka


@contextmanager
def damaged(broker: LocalKafka, topic: str, value: bytes) -> Iterator[None]:
    """A bit of this value, which is there once, is another one meanwhile; of partition 0 of a topic, and the only
    broker, a process of ours."""
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
