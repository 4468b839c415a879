"""Faults by which a lone broker loses acknowledged records: a power cut, as far as one log shows it.

What follows must be processed, or the lane halts and says so; nothing is skipped. The checker is told, record by
record, what Kafka has lost.
"""

import random
import time

from tests.programs.chaos.site import Site
from tests.programs.chaos.truncation import lose_end
from tests.programs.chaos.unseen import frozen, longest, unseen
from tests.programs.checker.names import RAW

_CHANGELOGS = ("dedupe-changelog", "orders-changelog")
_MOST_BYTES = 60_000
_LATELY = 2.0  # seconds


def truncate_raw(site: Site, rng: random.Random) -> None:
    """One partition of raw loses its end and grows beyond it before any worker looks.

    Either the workers have processed what is lost and are frozen meanwhile, or they were stopped before they processed
    it.
    """
    partition = longest(site, RAW)
    unseen(site, rng, partition, lambda: lose_end(site, RAW, partition, rng.randint(1, _MOST_BYTES)))


def truncate_changelog(site: Site, rng: random.Random) -> None:
    """A partition of a changelog loses its end. The workers' disks have what Kafka has lost, or nobody has it any more.

    What was processed lately, of which the changelog knows nothing, is sent again.
    """
    changelog = rng.choice(_CHANGELOGS)
    partition = longest(site, changelog)
    site.losing = True
    with site.sender.remembering() as unknown_there:
        time.sleep(_LATELY)
    with site.sender.quiet():
        site.wait_settled()
        with frozen(site):
            lose_end(site, changelog, partition, rng.randint(1, _MOST_BYTES))
    if rng.random() < 0.5:
        _all_on_new_disks(site)
    site.sender.repeat(unknown_there)
    site.stand(site.session_seconds)


def _all_on_new_disks(site: Site) -> None:
    for name in site.workers:
        site.kill_worker(name)
    for name in sorted(site.workers):
        site.wipe(name)
        site.start_worker(name)
