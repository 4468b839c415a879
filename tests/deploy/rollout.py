"""A cluster of plain processes: the manifests' containers, with the settings that the manifests give them."""

import http.client
import itertools
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.check.objects import Object, Objects, Pod
from deploy.check.settings import environment_of
from deploy.local.ports import free_ports
from tests.deploy.manifests import pod
from tests.integration.exactly_once.command import Command, Result
from tests.integration.exactly_once.process import Start
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

KEY = "demo-key"

_PAUSE_S = 0.01
"""Seconds between deliveries: a stream without a pause takes the cores from the processes that it is to watch."""


class Balancer:
    """A Service: sends one delivery after the other to its ports, in turn, and none a second time."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        self.ports: list[int] = []
        self.answers: Counter[int] = Counter()
        self._bodies, self._turn = bodies, itertools.count()
        self._busy, self._stop = threading.Lock(), threading.Event()

    def remove(self, port: int) -> None:
        """Remove a port, and return once nothing is on its way there, as the pause before a SIGTERM makes sure."""
        with self._busy:
            self.ports.remove(port)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Deliveries flow in the block. Some are answered before it begins, and some more before it ends."""
        thread = threading.Thread(target=self._flow, daemon=True)
        thread.start()
        try:
            self.wait_for_more()
            yield
            self.wait_for_more()
        finally:
            self._stop.set()
            thread.join()

    def wait_for_more(self) -> None:
        """Return once some more were answered."""
        before = self.answers.total()
        wait_until("more is answered", lambda: self.answers.total() >= before + 20, lambda: self.answers)

    def _flow(self) -> None:
        for body in self._bodies:
            if self._stop.wait(_PAUSE_S):
                return
            with self._busy:
                self.answers[self._post(self.ports[next(self._turn) % len(self.ports)], body)] += 1

    def _post(self, port: int, body: bytes) -> int:
        """The status; 0: no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", "/webhooks/newstore", body, {"Authorization": f"Bearer {KEY}"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


class Running:
    """A pod. `port`: where its Service leads; probes ask another port."""

    def __init__(self, container: Object, service: Service, port: int) -> None:
        self.port = port
        self._path, self._service = container["readinessProbe"]["httpGet"]["path"], service

    def wait_ready(self) -> None:
        """Wait until its readiness probe succeeds."""
        wait_until("its probe succeeds", lambda: self._service.status(self._path) == 200)

    def end(self, within_s: float) -> int:
        """Send SIGTERM, and return the exit code. subprocess.TimeoutExpired: a SIGKILL would come."""
        self._service.signal(signal.SIGTERM)
        return self._service.wait(within_s)

    def kill(self) -> None:
        """Kill it, whatever it does."""
        self._service.end()


class Node:
    """Runs pods. `changed`: settings that other addresses and disks make necessary; everything else is as the manifests
    say."""

    def __init__(self, objects: Objects, changed: Mapping[str, str], directory: Path, start: Start) -> None:
        self.changed = dict(changed)
        self._objects, self._directory, self._start = objects, directory, start
        self._keys = directory / "keys"
        self._keys.write_text(KEY)
        self._pods: list[Running] = []

    def grace_s(self, workload: str) -> float:
        """The seconds between SIGTERM and SIGKILL."""
        spec = pod(self._objects, workload).spec
        pause: float = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        return float(spec["terminationGracePeriodSeconds"]) - pause

    def start(self, workload: str, name: str) -> Running:
        """Start a pod of the workload: run its init containers to their end, then its container."""
        template = pod(self._objects, workload)
        for each in template.spec.get("initContainers", []):
            done = self.run(each["args"], template)
            assert done.exit_code == 0, done
        (container,) = template.spec["containers"]
        (word,) = container["args"]
        port, ops = free_ports(2)
        ports = {
            "ingress": {"BRIDGE_INGRESS_PORT": str(port)},
            "worker": {"BRIDGE_WORKER_WEB_PORT": str(port), "BRIDGE_WORKER_ADVERTISED_URL": f"http://127.0.0.1:{port}"},
        }[word]
        given = self._environment(container, name) | ports | {"BRIDGE_OPS_PORT": str(ops)}
        service = Service(word, given, ops, self._directory / f"{name}.log", start=self._start)
        self._pods.append(Running(container, service, port))
        return self._pods[-1]

    def run(self, arguments: list[str], template: Pod) -> Result:
        """Run a command with the settings of the pod's last container."""
        return Command(self._environment(template.containers[-1], "command"), arguments, self._start).result()

    def _environment(self, container: Object, name: str) -> dict[str, str]:
        given = environment_of(self._objects, container)
        files = {key: str(self._keys) for key in given if key.endswith("_API_KEYS_FILE")}
        named = {key: value.replace("the-pod", name) for key, value in given.items()}
        return named | files | {"BRIDGE_WORKER_DATA_DIR": str(self._directory / name)} | self.changed

    def close(self) -> None:
        """Leave no process behind."""
        for each in self._pods:
            each.kill()
