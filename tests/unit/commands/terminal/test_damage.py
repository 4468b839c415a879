"""A batch that a broker gives out damaged is reported in words, with the offset behind it, and read around."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
import typer
from aiokafka.errors import CorruptRecordException, KafkaTimeoutError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from bridge.kafka.reading import Source, bounds, read_range
from bridge.settings import Settings
from commands.terminal import damage, running
from commands.terminal.damage import AroundDamage, Damage, Unreadable
from commands.terminal.records import record_at
from commands.terminal.words import in_words
from tests.unit.commands.damaged import Batch, DamagedLogs, batches

SETTINGS = Settings(tenant="acme")
RAW = SETTINGS.topics.raw
FIRST, SECOND = TopicPartition(RAW, 0), TopicPartition(RAW, 1)


async def read(consumer: DamagedLogs, *partitions: TopicPartition) -> tuple[dict[int, list[int]], list[Damage]]:
    """Offsets that were read, by partition, and what could not be read."""
    around = AroundDamage(consumer)
    starts, ends = await bounds(around, [*partitions])
    found: dict[int, list[int]] = {each.partition: [] for each in partitions}
    async for records in read_range(around, starts, ends):
        found[records[0].partition] += [record.offset for record in records]
    return found, around.damage


@pytest.mark.parametrize(
    ("sizes", "damaged", "told"),
    [
        ((4, 3, 5), [1], [(4, 7)]),
        ((4, 3, 5), [0], [(0, 4)]),
        ((4, 3, 5), [2], [(7, 12)]),
        ((1, 1, 1), [1], [(1, 2)]),
        ((2, 3, 1, 4, 2), [1, 3], [(2, 5), (6, 10)]),
        ((2, 3, 4, 2), [1, 2], [(2, 9)]),
        ((3,), [0], [(0, 3)]),
    ],
)
async def test_all_that_can_be_read_is_and_what_cannot_is_named(
    sizes: tuple[int, ...], damaged: list[int], told: list[tuple[int, int]]
) -> None:
    log = batches(*sizes, damaged=damaged)
    found, damage = await read(DamagedLogs({FIRST: log}), FIRST)
    assert [(each.first, each.behind) for each in damage] == told
    gone = {offset for first, behind in told for offset in range(first, behind)}
    assert found == {0: [offset for offset in range(sum(sizes)) if offset not in gone]}


async def test_what_was_read_of_other_partitions_at_the_same_time_is_not_lost() -> None:
    logs = {FIRST: batches(3, 3), SECOND: batches(2, 2, 2, damaged=[1])}
    found, damage = await read(DamagedLogs(logs), FIRST, SECOND)
    assert found == {0: [0, 1, 2, 3, 4, 5], 1: [0, 1, 4, 5]}
    assert damage == [Damage(SECOND, 2, 4)]


async def test_a_fetch_that_takes_longer_than_one_wait_is_waited_for() -> None:
    """Over a network with 50 ms each way, or with large records, the fetch was asked for and thrown away for ever."""
    logs = {FIRST: batches(3, 3), SECOND: batches(2, 2, 2, damaged=[1])}
    found, damage = await read(DamagedLogs(logs, late=3), FIRST, SECOND)
    assert (found, damage) == ({0: [0, 1, 2, 3, 4, 5], 1: [0, 1, 4, 5]}, [Damage(SECOND, 2, 4)])


async def test_a_search_in_which_nothing_comes_any_more_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka went away during the search."""
    monkeypatch.setattr(damage, "_ARRIVES_S", 0.05)
    with pytest.raises(KafkaTimeoutError, match=f"nothing comes of {RAW}/0"):
        await read(GoesAway({FIRST: batches(2, 3, 2, damaged=[1])}), FIRST)


class GoesAway(DamagedLogs):
    """Kafka goes away once a reader looks behind the damage."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        super().seek(partition, offset)
        if offset == 3:
            self._late = 1 << 40


async def test_a_batch_that_is_known_is_not_searched_again() -> None:
    consumer = DamagedLogs({FIRST: batches(1, 100, 1, damaged=[1])})
    around = AroundDamage(consumer)
    for most in (110, 6):
        before = consumer.fetches
        async for _ in read_range(around, {FIRST: 0}, {FIRST: 102}):
            pass
        assert consumer.fetches - before <= most
    assert around.damage == [Damage(FIRST, 1, 101)]


def test_it_is_a_sentence_of_offsets() -> None:
    assert str(Damage(FIRST, 7, 8)).startswith(f"{RAW}/0: offset 7 cannot be read, ")
    assert str(Damage(FIRST, 7, 10)).startswith(f"{RAW}/0: offsets 7 to 9 cannot be read, ")


async def test_a_position_in_it_is_told_with_the_offset_behind_it() -> None:
    """A lane may go on from that offset."""
    consumer = DamagedLogs({FIRST: batches(4, 3, 5, damaged=[1])})
    with pytest.raises(Unreadable) as told:
        await record_at(consumer, RAW, Source(0, 4))
    words = in_words(told.value, SETTINGS)
    assert f"{RAW}/0: offsets 4 to 6 cannot be read" in words
    assert "the first offset behind it is 7" in words
    assert "docs/engine.md#a-damaged-batch" in words


async def test_a_record_beside_it_is_shown() -> None:
    consumer = DamagedLogs({FIRST: batches(4, 3, 5, damaged=[1])})
    for offset in (3, 7):
        found = await record_at(consumer, RAW, Source(0, offset))
        assert getattr(found, "value", None) == b"value %d" % offset


def test_whichever_command_meets_it_says_so_without_pythons_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails() -> None:
        raise CorruptRecordException(f"Invalid CRC - {FIRST}")

    monkeypatch.setattr(running, "_attended", lambda _, task: task)
    with pytest.raises(typer.Exit) as ended:
        running.run(SETTINGS, fails())
    told = capsys.readouterr().err
    assert ended.value.exit_code == 2
    assert f"A batch of {RAW}/0 cannot be read" in told
    assert "docs/engine.md#a-damaged-batch says what to do" in told
    assert "TopicPartition" not in told
    assert "Python" not in told


class Deleting(DamagedLogs):
    """Logs of which retention deletes all before `low`, once `at` fetches were made."""

    def __init__(self, logs: Mapping[TopicPartition, Sequence[Batch]], at: int, low: int) -> None:
        super().__init__(logs)
        self._at, self._low = at, low

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(of, self._low if self.fetches >= self._at else 0)

    def _fetch(self, partition: TopicPartition) -> Any:
        if self.fetches >= self._at and (position := self.state_value(partition).position) < self._low:
            raise OffsetOutOfRangeError({partition: position})
        return super()._fetch(partition)


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("low", [1, 2, 4, 6, 7, 9])
async def test_what_retention_deletes_while_a_damaged_batch_is_searched_ends_nothing(at: int, low: int) -> None:
    logs = Deleting({FIRST: batches(2, 4, 3, damaged=[1])}, at, low)
    found, _ = await read(logs, FIRST)
    assert [each for each in found[0] if each >= max(6, low)] == [*range(max(6, low), 9)]
