"""Which runs there are. Pure: the seed decides everything that is not up to the machine."""

import random
from dataclasses import dataclass

from tests.chaos.faults import FAULTS, LINE_FAULTS

FAULTS_PER_RUN = 3
_MIXED = random.Random(0).sample(sorted(FAULTS), len(FAULTS))  # neighbours come in one run


@dataclass(frozen=True, slots=True)
class Run:
    """``faults`` come one after the other, under load; ``static``: workers are static members of their group."""

    seed: int
    brokers: int
    workers: int
    static: bool
    faults: tuple[str, ...]


def run_of(seed: int) -> Run:
    """Even seeds have three brokers, odd ones have one.

    Consecutive runs on the same kind of cluster go round all the faults that there are, three at a time: 24 runs in a
    row have each of them on both kinds.
    """
    rng = random.Random(seed)
    brokers = 1 if seed % 2 else 3
    possible = _MIXED if brokers > 1 else [name for name in _MIXED if name not in LINE_FAULTS]
    first = seed // 2 * FAULTS_PER_RUN
    faults = [possible[place % len(possible)] for place in range(first, first + FAULTS_PER_RUN)]
    rng.shuffle(faults)
    return Run(seed, brokers, rng.choice((2, 2, 3)), rng.random() < 0.5, tuple(faults))
