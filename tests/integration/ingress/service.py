"""The ingress as its users meet it: a process of its own, that runs `bridge ingress`, asked over HTTP."""

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.integration.waiting import ORDERLY_S, PATIENCE, wait_until

ADDRESS = {"BRIDGE_INGRESS_HOST": "127.0.0.1", "BRIDGE_INGRESS_PORT": "0"}


def start(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """`bridge ingress` with this environment, and no other setting of the bridge; `log` takes its stderr."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    with log.open("wb") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.integration.exactly_once.child", "ingress"],
            env=inherited | ADDRESS | dict(environment),
            stderr=stderr,
        )


def refusal(environment: Mapping[str, str], directory: Path) -> str:
    """What an ingress says that ends by itself with exit code 2."""
    log = directory / "ingress.log"
    with start(environment, log) as process:
        try:
            assert process.wait(PATIENCE) == 2
        finally:
            process.kill()
    return log.read_text()


class Ingress:
    """`with Ingress(environment, directory) as ingress:` returns once it listens."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self._environment = environment
        self._log = directory / "ingress.log"
        self.port = 0
        self.operations_port: int | None = None
        """Where its pages are, if not at its own."""

    def __enter__(self) -> Self:
        self._process = start(self._environment, self._log)
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
        """Wait for the end."""
        return self._process.wait(ORDERLY_S)

    def status(self, path: str) -> int:
        """Of a GET for one of its pages."""
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
