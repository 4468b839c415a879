"""Which runs there are. Pure: the seed decides everything that is not up to the machine."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.faults import FAULTS, LINE_FAULTS, PARTITION_FAULTS

FAULTS_PER_RUN = 3
ROUND = 26
"""Runs that together have every fault on both kinds of cluster."""


@dataclass(frozen=True, slots=True)
class Run:
    """``faults`` come one after the other, under load; ``static``: workers are static members of their group."""

    seed: int
    brokers: int
    workers: int
    static: bool
    faults: tuple[str, ...]

    @property
    def relayed(self) -> bool:
        """Whether every line between any two processes must be in our hands."""
        return not LINE_FAULTS.keys().isdisjoint(self.faults)


def run_of(seed: int) -> Run:
    """Even seeds have three brokers, odd ones have one; a round begins with a multiple of ``ROUND``.

    Its runs on the same kind of cluster go once round all the faults possible there, three at a time. The next round
    has the same threes, but what had static members has other ones; after that, they are mixed anew.
    """
    rng = random.Random(seed)
    number, place = divmod(seed, ROUND)
    brokers = 1 if seed % 2 else 3
    possible = [name for name in sorted(FAULTS) if brokers > 1 or name not in PARTITION_FAULTS]
    mixed = random.Random(number // 2).sample(possible, len(possible))
    first = place // 2 * FAULTS_PER_RUN
    faults = [mixed[each % len(mixed)] for each in range(first, first + FAULTS_PER_RUN)]
    rng.shuffle(faults)
    return Run(seed, brokers, rng.choice((2, 2, 3)), (place // 2 + number) % 2 == 0, tuple(faults))


def run_in(line: Mapping[str, Any]) -> Run:
    """The run of a line of the record; its seed may have given another one by now."""
    return Run(line["seed"], line["brokers"], line["workers"], line["static"], tuple(line["faults"]))
