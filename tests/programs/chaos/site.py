"""What is under attack: a cluster, workers and ingress processes, each with a name."""

import contextlib
import random
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Cluster
from tests.programs.chaos.diary import Diary
from tests.programs.chaos.memory_limit import MemoryLimit
from tests.programs.chaos.sender import Sender
from tests.programs.chaos.size import SMALL, Size
from tests.programs.checker.losses import Loss, Shortfall
from tests.programs.checker.names import ORDERS, RAW

HELD_S = 360.0
"""Seconds that a held fault lasts: longer than any client keeps its metadata."""

_LONG_S = 20.0
_TRICKLE = 50.0
"""Deliveries a second while something stands still for longer than `_LONG_S`: nobody has to check millions."""

PATIENCE = 240.0
"""Seconds to recover from anything, on a machine whose two cores run brokers, services, sender, checker and more. The
record says how long readers really waited."""


class Site:
    """`static`: workers are static members of their group, as in Kubernetes.

    `sender` is set once there is somebody to send to. `held`: what a fault does lasts for six minutes. `losses`: what
    Kafka has lost of raw. `losing`: something may be lost, so lanes may halt if they say so.
    """

    sender: Sender

    def __init__(
        self, cluster: Cluster, deployment: Deployment, directory: Path, size: Size = SMALL, *, static: bool
    ) -> None:
        self.cluster, self.deployment, self.size = cluster, deployment, size
        self.held = self.held_any = self.losing = False
        self.losses: list[Loss] = []
        self._halted: set[tuple[str, int]] = set()
        self.limits: dict[str, MemoryLimit] = {}
        self.workers: dict[str, Service] = {}
        self.ingresses: dict[str, Service] = {}
        self.diary = Diary(directory / "diary.log")
        self.directory, self._static = directory, static

    # -- services -------------------------------------------------------------------------------------------

    def start_worker(self, name: str, wrapper: Sequence[str] = (), **settings: str) -> Service:
        """Start a worker, also again, with the data directory, address and member id of its name."""
        self._note_start(name, settings)
        identity = {"worker_instance_id": name} if self._static else {}
        within = self._limit(name).wrapper if self.size.memory_mib else ()
        self.workers[name] = self.deployment.worker(name, (*within, *wrapper), **identity, **settings)
        self.cluster.tell(name, self.workers[name].pid)
        return self.workers[name]

    def start_ingress(self, name: str, **settings: str) -> Service:
        """Start an ingress, or start it again at the same address."""
        self._note_start(name, settings)
        self.ingresses[name] = self.deployment.ingress(name, **settings)
        self.cluster.tell(name, self.ingresses[name].pid)
        return self.ingresses[name]

    def _limit(self, name: str) -> MemoryLimit:
        assert self.size.memory_mib is not None, "nobody asked for one"
        if name not in self.limits:
            self.limits[name] = MemoryLimit(f"{self.deployment.names.group}-{name}", self.size.memory_mib)
        return self.limits[name]

    def killed_for_memory(self) -> list[str]:
        """The workers that were killed for memory, as counter-examples."""
        taken = {name: limit.kills(self.directory / f"{name}.log") for name, limit in self.limits.items()}
        limit = f"{self.size.memory_mib} MiB"
        return [f"{name}: killed for taking more than {limit}, {times} times" for name, times in taken.items() if times]

    def _note_start(self, name: str, settings: Mapping[str, str]) -> None:
        self.diary.note(" ".join([f"{name} starts", *(f"{setting}={value}" for setting, value in settings.items())]))

    def kill_worker(self, name: str) -> None:
        """Kill a worker with SIGKILL."""
        self.workers[name].end()

    def any_worker(self, rng: random.Random) -> str:
        """A worker's name, by chance."""
        return rng.choice(sorted(self.workers))

    def any_ingress(self, rng: random.Random) -> str:
        """An ingress's name, by chance."""
        return rng.choice(sorted(self.ingresses))

    # -- data -----------------------------------------------------------------------------------------------

    def wipe(self, worker: str) -> None:
        """Delete a worker's local state."""
        shutil.rmtree(self.deployment.data_dir(worker), ignore_errors=True)

    def save(self, worker: str) -> Path:
        """A copy of a worker's local state. The worker must not run."""
        copy = self.directory / f"{worker}-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.deployment.data_dir(worker), copy)
        return copy

    def restore(self, worker: str, copy: Path) -> None:
        """Give a worker the local state of the copy."""
        self.wipe(worker)
        copy.rename(self.deployment.data_dir(worker))

    # -- time -----------------------------------------------------------------------------------------------

    @property
    def session_seconds(self) -> float:
        """Seconds of silence after which a worker has lost its lanes; static members keep them for longer."""
        if self.size.timeout_s is not None:
            return self.size.timeout_s
        settings = self.deployment.settings
        return (settings.longest_session if self._static else settings.session_timeout).total_seconds()

    @property
    def beyond_the_session(self) -> float:
        """Seconds that something must stand still until the others have given it up."""
        return 1.5 * self.session_seconds

    def stand(self, seconds: float) -> None:
        """Leave everything as the fault made it, for so long or, if it is held, for six minutes."""
        self.held_any |= self.held
        lasts = HELD_S if self.held else seconds
        with self.sender.trickling(_TRICKLE) if lasts > _LONG_S else contextlib.nullcontext():
            time.sleep(lasts)

    # -- health ---------------------------------------------------------------------------------------------

    def wait_well(self) -> None:
        """Return once every service that should run is ready, and the workers have shared out all lanes.

        If Kafka has lost records, a lane may have halted. Its worker must then say that it is not ready.
        """
        self.cluster.heal()
        wait_until("all services are ready", lambda: not self._ailing(), self._ailing, PATIENCE)
        self.wait_for_lanes()

    def _start_again(self) -> None:
        """Start ended processes again, as an orchestrator does: the watchdog ends a process that was stopped for too
        long."""
        for services, start in ((self.workers, self.start_worker), (self.ingresses, self.start_ingress)):
            for name in [name for name, service in services.items() if service.was_stopped and not service.runs]:
                start(name)

    def _ailing(self) -> list[str]:
        self._start_again()
        halted = [name for name, worker in self.workers.items() if self.losing and worker.lanes("halted")]
        services = {**self.workers, **self.ingresses}
        wanted = {name: 503 if name in halted else 200 for name in services}
        return [name for name, service in services.items() if _status(service) != wanted[name]]

    def wait_for_lanes(self) -> None:
        """Return once every worker that should run has lanes, and together they have all of them."""
        states = ("ready", "halted") if self.losing else ("ready",)

        def shared() -> list[set[tuple[str, int]]]:
            self._start_again()
            return [set().union(*map(worker.lanes, states)) for worker in self.workers.values()]

        def are_shared() -> bool:
            lanes = shared()
            return all(lanes) and sum(map(len, lanes)) == len(set().union(*lanes)) == 2 * self.size.partitions

        wait_until("all lanes are shared out", are_shared, shared, PATIENCE)

    def halted(self) -> set[tuple[str, int]]:
        """Dataset and partition of each lane that has halted while its worker says 503. It is tried again every ten
        seconds and is opening for a moment, so it counts as halted until it runs."""
        if not self.losing:
            return set()
        workers = self.workers.values()
        told = [worker for worker in workers if worker.status("/readyz") == 503]
        self._halted |= {lane for worker in told for lane in worker.lanes("halted")}
        self._halted -= {lane for worker in workers for lane in worker.lanes()}
        topics = {self.deployment.names.topic(dataset): dataset for dataset in (RAW, ORDERS)}
        return {(topics[topic], partition) for topic, partition in self._halted}

    def wait_settled(self) -> None:
        """Return once everything sent so far is processed, but for lanes that have halted."""

        def unfinished() -> list[str]:
            return self.deployment.unfinished(self.halted())

        wait_until("all processed", lambda: not unfinished(), unfinished, 2 * PATIENCE)

    def shortfall(self) -> Shortfall:
        """What the checker must not expect."""
        offsets = {dataset: self.deployment.committed(dataset) for dataset in (RAW, ORDERS)}
        return Shortfall(
            self.losses, {(dataset, partition): offsets[dataset][partition] for dataset, partition in self.halted()}
        )

    def close(self) -> None:
        """Leave no process and no limit behind."""
        self.deployment.close()
        for limit in self.limits.values():
            limit.close()


def _status(service: Service) -> int | None:
    return None if service.was_stopped and not service.runs else service.status("/readyz")


def wake_up_late(site: Site, frozen: Service) -> None:
    """Wait until others have taken its place, then send SIGCONT."""
    site.stand(site.beyond_the_session)
    frozen.signal(signal.SIGCONT)
