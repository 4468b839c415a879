"""The ingress as its users meet it: a process that runs `bridge ingress`, asked over HTTP."""

import http.client
import json
import signal
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.integration.exactly_once.process import Process, Start, start_bare
from tests.integration.waiting import ORDERLY_S, PATIENCE, wait_until
from tests.programs.chaos.probe import Stopwatch

ADDRESS = {"BRIDGE_INGRESS_HOST": "127.0.0.1", "BRIDGE_INGRESS_PORT": "0"}
_LOOK_S = 0.02
"""Between two looks at whether it has ended."""


def _started(environment: Mapping[str, str], log: Path, start: Start) -> Process:
    """`bridge ingress` with this environment, and no other setting of the bridge; `log` takes its output."""
    with log.open("wb") as output:
        return start(["ingress"], ADDRESS | dict(environment), output.fileno(), output.fileno())


def refusal(environment: Mapping[str, str], directory: Path) -> str:
    """What an ingress says that ends by itself with exit code 2."""
    log = directory / "ingress.log"
    process = _started(environment, log, start_bare)
    try:
        assert process.wait(PATIENCE) == 2
    finally:
        process.kill()
        process.wait()
    return log.read_text()


class Ingress:
    """`with Ingress(environment, directory) as ingress:` returns once it listens. `start` starts its process."""

    def __init__(self, environment: Mapping[str, str], directory: Path, start: Start = start_bare) -> None:
        self._environment, self._start = environment, start
        self._log = directory / "ingress.log"
        self.port = 0
        self.operations_port: int | None = None
        """The port of its pages, if that is not its own."""

    def __enter__(self) -> Self:
        self._process = _started(self._environment, self._log, self._start)
        try:
            self.port = wait_until("it listens", self._listening_port)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait for the end, which must come in time, as far as it had a processor."""
        watch = Stopwatch(self._process.pid)
        while (code := self._process.poll()) is None:
            assert watch.seconds < ORDERLY_S, f"it did not end in time: {self.log}"
            time.sleep(_LOOK_S)
            watch.tick()
        return code

    def status(self, path: str) -> int:
        """The status of a GET for one of its pages."""
        connection = http.client.HTTPConnection("127.0.0.1", self.operations_port or self.port, timeout=30)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_until_ready(self) -> None:
        """Return once `/readyz` says so."""
        wait_until("it is ready", lambda: self.status("/readyz") == 200)

    def wait_until_busy(self) -> None:
        """Return once a delivery waits for Kafka."""
        self.wait_until_page("/metrics", "bridge_ingress_in_flight 1.0")

    def page(self, path: str) -> str:
        """The text that a GET gives."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.operations_port or self.port}{path}", timeout=30
        ) as response:
            return str(response.read().decode())

    def wait_until_page(self, path: str, text: str) -> None:
        """Return once a page has this text."""
        wait_until(f"{path} has {text}", lambda: text in self.page(path))

    def wait_for_log(self, text: str) -> None:
        """Return once it logged this."""
        wait_until(f"it logs {text}", lambda: text in self.log)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listening_port(self) -> int:
        if self._process.poll() is not None:
            raise AssertionError(f"the ingress ended at once: {self.log}")
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return next((int(line["port"]) for line in lines if line["message"] == "listening"), 0)
