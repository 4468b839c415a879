"""What the doctor says of brokers that only replicas mention, and of replicas out of sync."""

from typing import Any, ClassVar

import pytest

from commands.doctor.finding import State
from commands.doctor.replicas import Partition, replicas, replicas_of

ALL = (1, 2, 3)


class Answer:
    """From a broker that has fenced broker 1: two of our topics, of which our user may see one, and one of Kafka's
    own."""

    brokers = ((2, "b", 9092, None), (3, "c", 9092, None))
    topics: ClassVar[Any] = (
        (0, "newstore.raw.v1", False, [(0, 0, 2, 7, ALL, [2, 3], [1])] * 2, 0),
        (29, "hidden", False, [], 0),
        (0, "__consumer_offsets", True, [(0, 0, -1, 7, ALL, [1], [1])] * 2, 0),
    )


def test_a_broker_that_is_in_no_list_is_named_by_its_replicas() -> None:
    """Such a broker may be frozen and fenced: nobody else tells of it."""
    (found,) = replicas(Answer(), frozenset())
    assert (found.check, found.state) == ("brokers", State.WARNING)
    assert "broker 1 is not there, 2 partitions of ours have a replica on it" in found.what
    assert "at least 2 in sync" in found.what
    assert "so all goes on" in found.what
    assert "process and log" in found.remedies[0]


@pytest.mark.parametrize(
    ("there", "partition", "said"),
    [
        ({2}, Partition(2, ALL, [2]), "brokers 1 and 3 are not there, 1 partition of ours has a replica on them"),
        ({2}, Partition(2, ALL, [2]), "too few replicas in sync to take records"),
        ({2, 3}, Partition(-1, [1], [1]), "1 partition of ours has no leader"),
        ({1, 2}, Partition(-1, [1], [1]), "1 partition of ours has no leader"),
        ({2}, Partition(2, ALL, [2, 3]), "1 partition of ours has too few replicas in sync to take records"),
        ({2}, Partition(2, ALL, ALL), "1 partition of ours has too few replicas in sync to take records"),
        ({2, 3}, Partition(1, [1], [1]), "1 partition of ours has no leader"),
    ],
)
def test_a_partition_that_takes_no_records_is_wrong(there: set[int], partition: Partition, said: str) -> None:
    """This holds even if the broker that tells of it was left alone too suddenly to notice."""
    (found,) = replicas_of(there, [Partition(2, [2], [2]), partition])
    assert (found.state, said in found.what) == (State.WRONG, True)
    assert "all goes on" not in found.what


@pytest.mark.parametrize(
    ("there", "away", "said"),
    [
        (ALL, {1, 3}, "without brokers 1 and 3, not reached from here, 1 partition of ours has too few"),
        ({2, 3}, {3}, "broker 1 is not there"),
        ({2, 3}, {3}, "without broker 3, not reached from here, 1 partition of ours has too few"),
    ],
)
def test_brokers_that_are_not_reached_may_be_lost_too(there: set[int], away: set[int], said: str) -> None:
    """For the first seconds all others count them as there; a broker without its controllers does so for good."""
    (found,) = replicas_of(there, [Partition(2, ALL, list(there))], away)
    assert (found.state, said in found.what) == (State.WRONG, True)
    assert "all goes on" not in found.what


def test_one_of_three_that_is_not_reached_is_no_matter_of_the_replicas() -> None:
    assert not list(replicas_of(ALL, [Partition(1, ALL, ALL)], {1}))


def test_a_replica_that_is_behind_is_to_be_looked_at() -> None:
    (found,) = replicas_of(ALL, [Partition(2, ALL, [2, 3]), Partition(2, ALL, ALL)])
    assert (found.state, "a replica on broker 1 that is not in sync" in found.what) == (State.WARNING, True)


@pytest.mark.parametrize("partitions", [[], [Partition(1, [1], [1])], [Partition(1, ALL, ALL)]])
def test_nothing_is_said_where_all_is_in_sync(partitions: list[Partition]) -> None:
    assert not list(replicas_of(ALL, partitions))
