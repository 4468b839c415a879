"""Which runs there are. Pure: the seed decides everything that is not up to the machine."""

import random
from dataclasses import dataclass

from tests.chaos.faults import BROKER_FAULTS, FAULTS, SERVICE_FAULTS

FAULTS_PER_RUN = 3


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

    The faults of consecutive runs on the same kind of cluster go through all that there are before any comes again,
    so 24 runs in a row have each of them on both kinds.
    """
    rng = random.Random(seed)
    brokers = 1 if seed % 2 else 3
    possible = sorted(FAULTS if brokers > 1 else {**SERVICE_FAULTS, **BROKER_FAULTS})
    places = range(seed // 2 * FAULTS_PER_RUN, (seed // 2 + 1) * FAULTS_PER_RUN)
    faults = tuple(_shuffled(possible, place // len(possible))[place % len(possible)] for place in places)
    return Run(seed, brokers, rng.choice((2, 2, 3)), rng.random() < 0.5, faults)


def _shuffled(names: list[str], turn: int) -> list[str]:
    return random.Random(turn).sample(names, len(names))
