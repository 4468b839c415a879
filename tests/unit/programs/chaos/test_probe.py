"""How much of a service's answering time is its own."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from tests.integration.waiting import wait_until
from tests.programs.chaos.probe import Stopwatch, seconds_to_answer

pytestmark = pytest.mark.thorough

SERVER = """
import http.server, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(float(sys.argv[2]))
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    port: int
    told_to_end: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process.poll() is None


@contextmanager
def service(seconds: float) -> Iterator[Service]:
    port = free_ports(1)[0]
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(seconds)], stderr=subprocess.DEVNULL)
    try:
        wait_until("it listens", lambda: _listens(port))
        yield Service(process, port)
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_service_that_takes_its_time_is_slow() -> None:
    with service(2.5) as slow:
        before = _waited()
        took = seconds_to_answer(slow) or 0
        assert took + _waited() - before > 2  # on a busy machine all of it may be what does not count


def _waited() -> float:
    """Seconds that this thread has waited for a processor, ever."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def test_a_service_that_is_stopped_is_not_slow() -> None:
    with service(0) as stopped:
        stopped.process.send_signal(signal.SIGSTOP)
        waker = subprocess.Popen(["sh", "-c", f"sleep 3; kill -CONT {stopped.pid}"])
        assert (seconds_to_answer(stopped) or 0) < 2
        waker.wait()


def test_time_in_which_threads_waited_for_a_processor_does_not_count(tmp_path: Path) -> None:
    """Of the other threads only the longest wait counts: they may have waited at the same time."""
    threads = {"thread-self": 100, "7/task/7": 100, "7/task/8": 100, "7/task/9": 100}
    _write(tmp_path, threads)
    watch = Stopwatch(7, tmp_path)
    time.sleep(0.1)
    watch.tick()
    took = watch.seconds
    assert took >= 0.1
    for waited, lost in (
        ({"7/task/7": 101}, 1e-9),
        ({"7/task/8": 105, "7/task/9": 103}, 5e-9),
        ({"thread-self": 102, "7/task/7": 103, "7/task/8": 104, "7/task/10": 6}, 11e-9),
    ):
        _write(tmp_path, {**threads, **waited})
        assert took - watch.seconds == pytest.approx(lost)
    _write(tmp_path, {"7/task/8": 10**12})
    assert watch.seconds == 0


def _write(proc: Path, waited: Mapping[str, int]) -> None:
    """Write how many nanoseconds each thread waited."""
    for thread, nanoseconds in waited.items():
        (proc / thread).mkdir(parents=True, exist_ok=True)
        (proc / thread / "schedstat").write_text(f"1 {nanoseconds} 1")


def test_a_service_that_has_ended_owes_no_answer() -> None:
    with service(60) as ended:
        killer = subprocess.Popen(["sh", "-c", f"sleep 1; kill -KILL {ended.pid}"])
        assert seconds_to_answer(ended) is None
        killer.wait()


def test_a_service_that_is_about_to_end_owes_none_either() -> None:
    with service(0) as ending:
        ending.process.kill()
        ending.process.wait()
        ending.told_to_end = True
        assert seconds_to_answer(ending) is None
