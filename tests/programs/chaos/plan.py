"""Which runs there are. Pure: the seed decides all that the machine does not."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.programs.chaos.faults import FAULTS, HELD_FAULTS, LINE_FAULTS, LONE_FAULTS, LOSING_FAULTS, PARTITION_FAULTS
from tests.programs.chaos.size import SMALL, Size, size_of

FAULTS_PER_RUN = 3
ROUND = 30
"""Runs that together have every fault on both kinds of cluster."""

_HELD_SHARE = 0.25
"""The share of the runs with a fault that can be held, in which it is."""


@dataclass(frozen=True, slots=True)
class Run:
    """`faults` come one after the other, under load. `static`: workers are static members of their group.

    `held`: the one of these faults that lasts for six minutes.
    """

    seed: int
    brokers: int
    workers: int
    static: bool
    faults: tuple[str, ...]
    size: Size = SMALL
    held: str | None = None

    @property
    def relayed(self) -> bool:
        """Whether every line between any two processes must run through the relay."""
        return not LINE_FAULTS.keys().isdisjoint(self.faults)


def run_of(seed: int) -> Run:
    """Even seeds have three brokers, odd ones have one; a round begins with a multiple of `ROUND`.

    On each kind of cluster, the runs of a round go once through all faults that are possible there, three at a time.
    The next round has the same threes, and exchanges static members for others. After that, the faults are mixed anew.
    A fault by which Kafka loses records comes last: lanes may have to halt on it.
    """
    rng = random.Random(seed)
    number, place = divmod(seed, ROUND)
    brokers = 1 if seed % 2 else 3
    apart = PARTITION_FAULTS if brokers == 1 else LONE_FAULTS
    possible = [name for name in sorted(FAULTS) if name not in apart]
    mixed = random.Random(number // 2).sample(possible, len(possible))
    first = place // 2 * FAULTS_PER_RUN
    faults = [mixed[each % len(mixed)] for each in range(first, first + FAULTS_PER_RUN)]
    rng.shuffle(faults)
    faults.sort(key=LOSING_FAULTS.__contains__)
    workers, static = rng.choice((2, 2, 3)), (place // 2 + number) % 2 == 0
    size, held = size_of(rng), [name for name in faults if name in HELD_FAULTS]
    return Run(
        seed, brokers, workers, static, tuple(faults), size, held[0] if held and rng.random() < _HELD_SHARE else None
    )


def run_with(run: Run, faults: Sequence[str]) -> Run:
    """The run with these faults in place of its own, on the kind of cluster that they need; none is held.

    ValueError: there is no such fault, or no cluster on which all of them are possible.
    """
    if unknown := set(faults) - FAULTS.keys():
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(sorted(FAULTS))}")
    several, alone = (not apart.keys().isdisjoint(faults) for apart in (PARTITION_FAULTS, LONE_FAULTS))
    if several and alone:
        raise ValueError("some of these faults need several brokers, others a single one")
    brokers = 3 if several else 1 if alone else run.brokers
    return replace(run, brokers=brokers, faults=tuple(sorted(faults, key=LOSING_FAULTS.__contains__)), held=None)


def run_in(line: Mapping[str, Any]) -> Run:
    """The run of a line of the record; by now its seed may give another one."""
    return Run(
        line["seed"],
        line["brokers"],
        line["workers"],
        line["static"],
        tuple(line["faults"]),
        Size.recorded(line.get("size")),
        line.get("held"),
    )
