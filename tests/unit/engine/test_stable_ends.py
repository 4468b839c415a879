"""Where a lane's work ends: behind the last record, whatever transaction markers follow it."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.overrides.consumer import LaneConsumerThread

SOURCE = TopicPartition("orders", 0)


def stable_ends(*, position: int | None, stable: int | None, chunk_end: int | None) -> dict[TP, int]:
    """Of a consumer that stands at ``position`` and has made a chunk up to ``chunk_end``."""
    state = SimpleNamespace(_position=position, lso=stable)
    assignment = SimpleNamespace(tps=[SOURCE], state_value=lambda _: state)
    subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
    thread: Any = SimpleNamespace(
        _ensure_consumer=lambda: SimpleNamespace(_subscription=subscription),
        _cursor={} if chunk_end is None else {SOURCE: chunk_end},
    )
    return LaneConsumerThread.stable_ends(thread)


@pytest.mark.parametrize(
    ("position", "stable", "chunk_end", "end"),
    [
        (2, 2, 1, 1),  # a record, then its marker in a fetch of its own
        (2, 2, 2, 2),  # both in one fetch
        (1, 2, 1, 2),  # not known yet whether a record follows
        (1, 7, 1, 7),
        (None, 7, None, 7),
        (7, 7, None, 7),
    ],
)
def test_markers_behind_the_last_chunk_are_no_work(
    position: int | None, stable: int, chunk_end: int | None, end: int
) -> None:
    assert stable_ends(position=position, stable=stable, chunk_end=chunk_end) == {TP(*SOURCE): end}


def test_before_the_first_fetch_nothing_is_known() -> None:
    assert stable_ends(position=None, stable=None, chunk_end=None) == {}
