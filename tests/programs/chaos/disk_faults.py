"""Faults of workers' disks."""

import random
import time
from typing import Final

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.chaos.small_disk import on_small_disk

_SMALL_DISK: Final = 6 << 20
"""Bytes: the tables' first files fit; a few thousand events later nothing does."""


def wipe_data(site: Site, rng: random.Random) -> None:
    """A worker dies and comes back on a new disk."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.wipe(name)
    site.start_worker(name)


def restore_old_data(site: Site, rng: random.Random) -> None:
    """A worker comes back on a disk as it was some time ago."""
    name = site.any_worker(rng)
    site.workers[name].stop()
    copy = site.save(name)
    site.start_worker(name).wait_ready(PATIENCE)
    time.sleep(rng.uniform(3, 6))  # lets the copy become old
    site.kill_worker(name)
    site.restore(name, copy)
    site.start_worker(name)


def slow_disk(site: Site, rng: random.Random) -> None:
    """A sleep delays every write of a worker's tables. A bound on a device's rate cannot be had everywhere, and holds
    only for what is written through."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.start_worker(name, test_mutation="slow-writes")
    site.wait_for_lanes()
    site.stand(site.beyond_the_session)
    site.kill_worker(name)
    site.start_worker(name)


def fill_disk(site: Site, rng: random.Random) -> None:
    """A worker runs on a disk that becomes full; later it gets a new one."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.wipe(name)
    small = site.start_worker(name, on_small_disk(site.deployment.data_dir(name), _SMALL_DISK))
    complaint = "No space left on device"
    wait_until(f"the disk of {name} is full", lambda: complaint in small.log.read_text(), seconds=PATIENCE)
    small.end()
    site.start_worker(name)
