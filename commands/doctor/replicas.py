"""Whether all replicas of our topics are there and in sync, by what a broker says of all others.

A broker that is frozen or cut off is soon fenced, and then in no list of brokers; but partitions still have replicas
on it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from commands.doctor.finding import Finding, warning, wrong
from commands.doctor.metadata import Metadata

_NOBODY: Final = -1
"""As a leader."""
_ABSENT: Final = "look at that broker's process and log; once it is back, its replicas catch up by themselves"
_BEHIND: Final = "look at that broker's log, load and disks; its replicas catch up by themselves"
_NO_LEADER: Final = "look at the brokers' processes and logs"


class Partition(NamedTuple):
    """Brokers by their ids; `leader` is -1 if there is none."""

    leader: int
    replicas: Collection[int]
    in_sync: Collection[int]

    @property
    def takes_records(self) -> bool:
        """With acks=all, and `min.insync.replicas` as our topics have it."""
        return self.leader != _NOBODY and len(self.in_sync) >= (2 if len(self.replicas) >= 3 else 1)


async def replicas(metadata: Metadata) -> list[Finding]:
    """Of those of our topics that our user may see. KafkaError: the broker does not answer."""
    answer = await metadata.answer()
    partitions = [
        Partition(leader, on, in_sync)
        for _, _, is_kafkas, of_topic, _ in answer.topics
        for _, _, leader, _, on, in_sync, _ in of_topic
        if not is_kafkas
    ]
    return list(replicas_of({node for node, *_ in answer.brokers}, partitions))


def replicas_of(there: Collection[int], partitions: Collection[Partition]) -> Iterator[Finding]:
    """One finding of the brokers that are missing; else of those that are behind; nothing if all is in sync."""
    absent = {node for each in partitions for node in each.replicas if node not in there}
    behind = {node for each in partitions for node in each.replicas if node not in each.in_sync}
    kind = warning if all(each.takes_records for each in partitions) else wrong
    then = _consequence(partitions)
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
    elif kind is wrong:
        yield wrong("brokers", then, _NO_LEADER)


def _consequence(partitions: Collection[Partition]) -> str:
    leaderless = sum(each.leader == _NOBODY for each in partitions)
    if leaderless:
        return f"{_counted(leaderless)} of ours {_have(leaderless)} no leader, and can be neither read nor written"
    refusing = sum(not each.takes_records for each in partitions)
    if refusing:
        return f"{_counted(refusing)} of ours {_have(refusing)} too few replicas in sync to take records"
    least = min((len(each.in_sync) for each in partitions), default=0)
    return f"each has at least {least} in sync, so all goes on"


def _named(nodes: Iterable[int]) -> str:
    *first, last = map(str, sorted(nodes))
    return f"brokers {', '.join(first)} and {last}" if first else f"broker {last}"


def _counted(partitions: int) -> str:
    return f"{partitions} partition{'' if partitions == 1 else 's'}"


def _have(partitions: int) -> str:
    return "has" if partitions == 1 else "have"
