"""What is under attack: a cluster, workers and ingress processes, each known by name."""

import random
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chaos.cluster import Cluster
from tests.chaos.diary import Diary
from tests.integration.exactly_once.deployment import Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import ORDERLY_SECONDS, wait_until

SESSION_SECONDS = 6.0
"""Session and transaction timeout of the services."""

BEYOND_THE_SESSION = 1.5 * SESSION_SECONDS
"""Seconds that something stands still, so that the others have given it up when it goes on."""

PATIENCE = 120.0
"""Seconds to recover from anything, on a machine whose two cores run brokers, services, sender and checker."""


class Site:
    """``static``: workers are static members of their group, as in Kubernetes."""

    def __init__(self, cluster: Cluster, deployment: Deployment, directory: Path, *, static: bool) -> None:
        self.cluster, self.deployment = cluster, deployment
        self.workers: dict[str, Service] = {}
        self.ingresses: dict[str, Service] = {}
        self.diary = Diary(directory / "diary.log")
        self._static, self._directory = static, directory

    # -- services -------------------------------------------------------------------------------------------

    def start_worker(self, name: str, wrapper: Sequence[str] = (), **settings: str) -> Service:
        """Start it, or start it again: data directory, address and member id are those of its name."""
        self._note_start(name, settings)
        identity = {"worker_instance_id": name} if self._static else {}
        self.workers[name] = self.deployment.worker(name, wrapper, **identity, **settings)
        self.cluster.tell(name, self.workers[name].pid)
        return self.workers[name]

    def start_ingress(self, name: str, **settings: str) -> Service:
        """Start it, or start it again at the same address."""
        self._note_start(name, settings)
        self.ingresses[name] = self.deployment.ingress(name, **settings)
        self.cluster.tell(name, self.ingresses[name].pid)
        return self.ingresses[name]

    def _note_start(self, name: str, settings: Mapping[str, str]) -> None:
        self.diary.note(" ".join([f"{name} starts", *(f"{setting}={value}" for setting, value in settings.items())]))

    def kill_worker(self, name: str) -> None:
        """SIGKILL."""
        self.workers[name].end()

    def stop(self, service: Service) -> None:
        """SIGTERM; it must end in order and in time."""
        service.signal(signal.SIGTERM)
        assert service.wait(ORDERLY_SECONDS) == 0, f"{service.log.stem} did not end in order"

    def any_worker(self, rng: random.Random) -> str:
        """One of them."""
        return rng.choice(sorted(self.workers))

    def any_ingress(self, rng: random.Random) -> str:
        """One of them."""
        return rng.choice(sorted(self.ingresses))

    # -- data -----------------------------------------------------------------------------------------------

    def wipe(self, worker: str) -> None:
        """Its local state is gone."""
        shutil.rmtree(self.deployment.data_dir(worker), ignore_errors=True)

    def save(self, worker: str) -> Path:
        """A copy of its local state. The worker must not run."""
        copy = self._directory / f"{worker}-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.deployment.data_dir(worker), copy)
        return copy

    def restore(self, worker: str, copy: Path) -> None:
        """Its local state is as it was then."""
        self.wipe(worker)
        copy.rename(self.deployment.data_dir(worker))

    # -- health ---------------------------------------------------------------------------------------------

    def wait_well(self) -> None:
        """Return once every service that should run is ready, and the workers have shared out all lanes."""
        self.cluster.heal()
        services = {**self.workers, **self.ingresses}

        def ailing() -> list[str]:
            return [name for name, service in services.items() if service.status("/readyz") != 200]

        wait_until("all services are ready", lambda: not ailing(), ailing, PATIENCE)
        self.wait_for_lanes()

    def wait_for_lanes(self) -> None:
        """Return once the workers that should run have shared out all lanes."""
        wait_for_lanes(*self.workers.values(), seconds=PATIENCE)


def wake_up_late(frozen: Service) -> None:
    """SIGCONT, after others have taken its place."""
    time.sleep(BEYOND_THE_SESSION)
    frozen.signal(signal.SIGCONT)
