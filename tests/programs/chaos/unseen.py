"""Raw loses its end while no worker looks, and is longer than before when they look again."""

import contextlib
import random
import signal
from collections.abc import Callable, Collection, Iterator, Mapping

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.checker.names import RAW

_BEHIND = 400
"""Records, at least, that the stopped workers have not processed."""


def unseen(site: Site, rng: random.Random, partition: int, lose: Callable[[], None]) -> None:
    """`lose` takes the end of this partition of raw away while nothing is written to it. The workers see nothing of
    that until the log is longer than it was."""
    site.losing = True
    (_while_they_are_frozen if rng.random() < 0.5 else _while_they_are_stopped)(site, partition, lose)


def _while_they_are_frozen(site: Site, partition: int, lose: Callable[[], None]) -> None:
    with contextlib.ExitStack() as stack:
        with site.sender.quiet():
            site.wait_settled()
            ends = site.deployment.ends(RAW)
            stack.enter_context(frozen(site))
            lose()
        _wait_until_longer(site, [partition], ends)


def _while_they_are_stopped(site: Site, partition: int, lose: Callable[[], None]) -> None:
    with stopped(site):
        before = sum(site.deployment.ends(RAW).values())
        wait_until("more came", lambda: sum(site.deployment.ends(RAW).values()) > before + _BEHIND, seconds=PATIENCE)
        lose_and_grow(site, [partition], lose)


@contextlib.contextmanager
def stopped(site: Site) -> Iterator[None]:
    """In the block no worker runs; each has ended in order."""
    for worker in site.workers.values():
        worker.stop()
    yield
    for name in sorted(site.workers):
        site.start_worker(name)


def lose_and_grow(site: Site, partitions: Collection[int], lose: Callable[[], None]) -> None:
    """Call `lose` while nothing is written, and wait until each log that has lost its end is longer than it was. Into
    many of 64 partitions nothing ever comes."""
    with site.sender.quiet():
        ends = site.deployment.ends(RAW)
        lose()
        left = site.deployment.ends(RAW)
    _wait_until_longer(site, [each for each in partitions if left[each] < ends[each]], ends)


@contextlib.contextmanager
def frozen(site: Site) -> Iterator[None]:
    """In the block all workers stand still."""
    workers = list(site.workers.values())
    for worker in workers:
        worker.signal(signal.SIGSTOP)
    yield
    for worker in workers:
        worker.signal(signal.SIGCONT)


def longest(site: Site, dataset: str) -> int:
    """The partition with the most records among those that have lost none."""
    known = {loss.partition for loss in site.losses if dataset == RAW}
    ends = {partition: end for partition, end in site.deployment.ends(dataset).items() if partition not in known}
    return max(ends, key=lambda partition: ends[partition])


def _wait_until_longer(site: Site, partitions: Collection[int], ends: Mapping[int, int]) -> None:
    def are_longer() -> bool:
        now = site.deployment.ends(RAW)
        return all(now[partition] > ends[partition] for partition in partitions)

    wait_until("raw is longer than it was", are_longer, seconds=PATIENCE)
