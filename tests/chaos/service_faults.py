"""What happens to workers and ingress processes."""

import random
import signal
import time

from tests.chaos.site import PATIENCE, SESSION_SECONDS, Site
from tests.integration.exactly_once.deployment import LANES
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

BEYOND_THE_SESSION = SESSION_SECONDS * 1.5
_SMALL_DISK = 6 << 20  # bytes: the tables' first files fit, a few thousand events later nothing does


def kill_worker(site: Site, rng: random.Random) -> None:
    """kill -9, and a new process at once."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.start_worker(name)


def kill_all_workers(site: Site, rng: random.Random) -> None:
    """All of them at the same moment."""
    for name in site.workers:
        site.kill_worker(name)
    for name in sorted(site.workers):
        site.start_worker(name)


def kill_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """A worker dies between two lines of the engine, and is started again."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    point = rng.choice(("before-commit", "after-commit", "fenced", "recovering"))
    if point == "recovering":
        site.wipe(name)
    moment = rng.randint(1, 6) if point.endswith("commit") else 1
    doomed = site.start_worker(name, test_fault=f"{point}:KILL:{moment}")
    wait_until(f"{name} dies {point}", lambda: not doomed.runs, seconds=PATIENCE)
    site.start_worker(name)


def freeze_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """A worker stops in the middle of a transaction, is given up by the group, and wakes up."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    point = rng.choice(("before-commit", "after-commit"))
    frozen = site.start_worker(name, test_fault=f"{point}:STOP:{rng.randint(1, 6)}")
    frozen.wait_frozen(PATIENCE)
    time.sleep(BEYOND_THE_SESSION)
    frozen.signal(signal.SIGCONT)


def freeze_worker(site: Site, rng: random.Random) -> None:
    """SIGSTOP beyond the session timeout, then SIGCONT."""
    _freeze(site.workers[site.any_worker(rng)])


def freeze_ingress(site: Site, rng: random.Random) -> None:
    """The same to an ingress."""
    _freeze(site.ingresses[site.any_ingress(rng)])


def kill_ingress(site: Site, rng: random.Random) -> None:
    """kill -9, and a new process at once."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    site.start_ingress(name)


def wipe_data(site: Site, rng: random.Random) -> None:
    """A worker dies and comes back on a new disk."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.wipe(name)
    site.start_worker(name)


def restore_old_data(site: Site, rng: random.Random) -> None:
    """A worker comes back on a disk as it was some time ago."""
    name = site.any_worker(rng)
    site.stop(site.workers[name])
    copy = site.save(name)
    site.start_worker(name).wait_ready()
    time.sleep(rng.uniform(3, 6))  # lets the copy become old
    site.kill_worker(name)
    site.restore(name, copy)
    site.start_worker(name)


def fill_disk(site: Site, rng: random.Random) -> None:
    """A worker runs on a disk that becomes full; later it gets a new one."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.wipe(name)
    data = site.deployment.data_dir(name)
    data.mkdir(parents=True)
    script = f'mount -t tmpfs -o size={_SMALL_DISK} bridge "$0" && exec "$@"'
    small = site.start_worker(name, ("unshare", "--mount", "--map-root-user", "sh", "-c", script, str(data)))
    complaint = "No space left on device"
    wait_until(f"the disk of {name} is full", lambda: complaint in small.log.read_text(), seconds=PATIENCE)
    small.end()
    site.start_worker(name)


def rolling_upgrade(site: Site, rng: random.Random) -> None:
    """SIGTERM and a new process, one after the other."""
    for name in sorted(site.workers):
        site.stop(site.workers[name])
        site.start_worker(name).wait_ready()
    for name in sorted(site.ingresses):
        site.stop(site.ingresses[name])
        site.start_ingress(name).wait_ready()


def scale(site: Site, rng: random.Random) -> None:
    """To one worker, to three, and back to what it was."""
    before = sorted(site.workers)
    for name in before[1:]:
        site.stop(site.workers.pop(name))
    for name in ("worker-8", "worker-9"):
        site.start_worker(name)
    for name in ("worker-8", "worker-9"):
        site.workers[name].wait_ready()
    for name in before[1:]:
        site.start_worker(name)
    for name in ("worker-8", "worker-9"):
        site.stop(site.workers.pop(name))


def lose_worker(site: Site, rng: random.Random) -> None:
    """One dies and is not started again; the others take over."""
    name = site.any_worker(rng)
    site.workers.pop(name).end()
    wait_until("the others have all lanes", lambda: _lanes(site) == LANES, seconds=PATIENCE)
    site.start_worker(f"{name}-heir")


def _lanes(site: Site) -> int:
    return len(set().union(*(worker.lanes() for worker in site.workers.values())))


def _freeze(service: Service) -> None:
    service.signal(signal.SIGSTOP)
    time.sleep(BEYOND_THE_SESSION)
    service.signal(signal.SIGCONT)
