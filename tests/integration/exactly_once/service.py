"""A service of the bridge as a real process: started, asked over HTTP, and hit with signals."""

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.integration.exactly_once.process import Start, start_bare
from tests.integration.waiting import ORDERLY_S, PATIENCE, wait_until
from tests.programs.chaos.probe import Stopwatch

_OF_ANSWERS: Final = frozenset({"as_of", "applied", "read_to"})
_LOOK_S: Final = 0.05
_LANE = re.compile(r'bridge_lane_state\{partition="(\d+)",state="(\w+)",topic="([^"]+)"\} 1\.0')


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON body, without the fields that are about the answer itself."""
        return {name: part for name, part in json.loads(self.body).items() if name not in _OF_ANSWERS}

    @property
    def state(self) -> dict[str, Any]:
        """An order's state as its topic has it."""
        state = self.document
        state.pop("awaited")
        returns = {id_: {**each} for id_, each in state["returns"].items()}
        for each in returns.values():
            del each["settled_by_exchange"]
        items = {id_: {**each} for id_, each in state["items"].items()}
        for each in items.values():
            each.pop("held_since", None)  # only an item on hold has it
        return state | {"items": items, "returns": returns}


class Service:
    """Runs the bridge's ``command`` with the settings in ``environment``, until told to stop, or ``end``.

    ``wrapper``: as for `start_bare`, which then starts the process."""

    def __init__(
        self,
        command: str,
        environment: Mapping[str, str],
        port: int,
        log: Path,
        wrapper: Sequence[str] = (),
        start: Start = start_bare,
    ) -> None:
        self.port, self.log = port, log
        self.told_to_end = False
        """Whether it got a SIGTERM."""
        self._rendered = ""
        self.was_stopped = False
        """Whether it got a SIGCONT, after which its watchdog may have ended it."""
        by = partial(start_bare, wrapper=wrapper) if wrapper else start
        with log.open("ab") as output:
            self._process = by([command], environment, output.fileno(), output.fileno())

    # -- HTTP -----------------------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> Answer:
        """The answer. OSError: there is none."""
        return self.request("GET", path, None, headers)

    def request(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None, headers: Mapping[str, str]
    ) -> Answer:
        """As ``get``, for any method. A body in pieces is sent chunked."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def status(self, path: str) -> int | None:
        """The status code; None while nobody answers. AssertionError: the process has ended."""
        assert self._process.poll() is None, f"ended with exit code {self._process.returncode}"
        try:
            return self.get(path).status
        except (OSError, http.client.HTTPException):
            return None

    def wait_ready(self, seconds: float = PATIENCE) -> None:
        """Return once ``/readyz`` answers 200."""
        wait_until(f"{self.log.stem} is ready", lambda: self.status("/readyz") == 200, self._unready, seconds)

    def _unready(self) -> bytes | str:
        try:
            return self.get("/readyz").body
        except (OSError, http.client.HTTPException) as error:
            return f"nobody answers: {error}"

    def lanes(self, state: str = "ready") -> set[tuple[str, int]]:
        """Source topic and partition of each lane in this state, by the service's metrics. Ready lanes are those it
        processes."""
        text = self.page() if self.status("/metrics") == 200 else None
        if text is None:
            return set()
        return {(topic, int(partition)) for partition, of, topic in _LANE.findall(text) if of == state}

    def metric(self, name: str, label: str = "") -> float:
        """Sum of all series whose line starts with ``name`` and contains ``label``."""
        lines = self._metrics().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and label in line)

    def page(self) -> str | None:
        """All metrics; None if nobody answers any more."""
        try:
            return self._metrics() if self.runs else None
        except (OSError, http.client.HTTPException):
            return None

    def _metrics(self) -> str:
        """The page, rendered since the last call. The service renders it once a second, if somebody asks, and says
        when."""
        rendered: list[Answer] = []

        def is_new() -> bool:
            rendered[:] = [self.get("/metrics")]
            return rendered[0].headers["last-modified"] != self._rendered

        wait_until("the metrics are rendered anew", is_new)
        self._rendered = rendered[0].headers["last-modified"]
        return rendered[0].body.decode()

    # -- process --------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended. A frozen process runs."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal. After a SIGSTOP, the process is stopped on return."""
        self.told_to_end |= number is signal.SIGTERM
        self.was_stopped |= number is signal.SIGCONT
        self._process.send_signal(number)
        if number is signal.SIGSTOP:
            self.wait_frozen()

    def stop(self) -> None:
        """Send a SIGTERM. The process must end in order, and in time, as far as it had a processor."""
        watch = Stopwatch(self.pid)
        self.signal(signal.SIGTERM)
        while self.runs and watch.seconds < ORDERLY_S:
            time.sleep(_LOOK_S)
            watch.tick()
        assert not self.runs, f"{self.log.stem} did not end in time"
        assert self.wait() == 0, f"{self.log.stem} did not end in order"

    def wait(self, seconds: float = PATIENCE) -> int:
        """Exit code, negative for a signal. subprocess.TimeoutExpired: the process does not end."""
        return self._process.wait(seconds)

    def wait_frozen(self, seconds: float = PATIENCE) -> None:
        """Return once a SIGSTOP has stopped the process."""
        wait_until(f"{self.log.stem} is frozen", self._is_frozen, seconds=seconds)

    def _is_frozen(self) -> bool:
        assert self._process.poll() is None, f"ended with exit code {self._process.returncode}"
        return os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self) -> None:
        """Kill the process, frozen or not."""
        self._process.kill()
        self._process.wait()
