"""Whether all replicas of our topics are there and in sync, as one broker reports.

A frozen or disconnected broker is soon fenced and missing in the list of brokers, but partitions still have replicas on
it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple, Self

from commands.doctor.finding import Finding, warning, wrong

_NOBODY: Final = -1
"""The leader of a partition without one."""
_ABSENT: Final = "look at that broker's process and log; once it is back, its replicas catch up by themselves"
_BEHIND: Final = "look at that broker's log, load and disks; its replicas catch up by themselves"
_NO_LEADER: Final = "look at the brokers' processes and logs"
_TOO_FEW: Final = "too few replicas in sync to take records"


class Partition(NamedTuple):
    """A partition's brokers by id; `leader` is -1 if there is none."""

    leader: int
    replicas: Collection[int]
    in_sync: Collection[int]

    @property
    def least(self) -> int:
        """How many replicas must be in sync for acks=all, by our topics' `min.insync.replicas`."""
        return 2 if len(self.replicas) >= 3 else 1

    @property
    def takes_records(self) -> bool:
        """Whether it accepts records."""
        return self.leader != _NOBODY and len(self.in_sync) >= self.least

    def among(self, there: Collection[int]) -> Self:
        """The partition without other brokers than these: a broker that lost the others at once may report an old
        state."""
        leader = self.leader if self.leader in there else _NOBODY
        return self._replace(leader=leader, in_sync=[node for node in self.in_sync if node in there])


def replicas(metadata: Any, away: Collection[int]) -> list[Finding]:
    """Findings on those of our topics that our user may see. `away`: brokers that cannot be reached from here."""
    partitions = [
        Partition(leader, on, in_sync)
        for _, _, is_kafkas, of_topic, _ in metadata.topics
        for _, _, leader, _, on, in_sync, _ in of_topic
        if not is_kafkas
    ]
    return list(replicas_of({node for node, *_ in metadata.brokers}, partitions, away))


def replicas_of(there: Collection[int], said: Iterable[Partition], away: Collection[int] = ()) -> Iterator[Finding]:
    """One finding on missing brokers, else on those that are behind; none if all replicas are in sync."""
    partitions = [each.among(there) for each in said]
    absent = {node for each in partitions for node in each.replicas if node not in there}
    behind = {node for each in partitions for node in each.replicas if node not in each.in_sync}
    trouble = _trouble(partitions, away)
    kind, then = (wrong, trouble) if trouble else (warning, _least(partitions, away))
    if absent:
        on = sum(not absent.isdisjoint(each.replicas) for each in partitions)
        is_are, it = ("is", "it") if len(absent) == 1 else ("are", "them")
        they = "it is" if len(absent) == 1 else "they are"
        what = f"{_named(absent)} {is_are} not there, {_counted(on)} of ours {_have(on)} a replica on {it}"
        yield kind("brokers", f"{what}: {they} stopped, frozen or cut off; {then}", _ABSENT)
    elif behind:
        late = sum(len(each.in_sync) < len(each.replicas) for each in partitions)
        what = f"{_counted(late)} of ours {_have(late)} a replica on {_named(behind)} that is not in sync"
        yield kind("brokers", f"{what}; {then}", _BEHIND)
    elif trouble:
        yield wrong("brokers", trouble, _NO_LEADER)


def _trouble(partitions: Collection[Partition], away: Collection[int]) -> str | None:
    """Why some partition cannot be used; None: all can."""
    leaderless = sum(each.leader == _NOBODY for each in partitions)
    if leaderless:
        return f"{_counted(leaderless)} of ours {_have(leaderless)} no leader, and can be neither read nor written"
    refusing = sum(not each.takes_records for each in partitions)
    if refusing:
        return f"{_counted(refusing)} of ours {_have(refusing)} {_TOO_FEW}"
    left = sum(_in_sync(each, away) < each.least for each in partitions)
    if left:
        return f"without {_named(away)}, not reached from here, {_counted(left)} of ours {_have(left)} {_TOO_FEW}"
    return None


def _least(partitions: Iterable[Partition], away: Collection[int]) -> str:
    least = min((_in_sync(each, away) for each in partitions), default=0)
    if away:
        return f"each has at least {least} in sync besides {_named(away)}, not reached from here"
    return f"each has at least {least} in sync, so all goes on"


def _in_sync(partition: Partition, away: Collection[int]) -> int:
    return sum(node not in away for node in partition.in_sync)


def _named(nodes: Iterable[int]) -> str:
    *first, last = map(str, sorted(nodes))
    return f"brokers {', '.join(first)} and {last}" if first else f"broker {last}"


def _counted(partitions: int) -> str:
    return f"{partitions} partition{'' if partitions == 1 else 's'}"


def _have(partitions: int) -> str:
    return "has" if partitions == 1 else "have"
