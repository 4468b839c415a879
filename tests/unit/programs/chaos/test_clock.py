"""The clock of a service jumps while it runs."""

import subprocess
import sys
import time
from pathlib import Path

from tests.programs.chaos.clock import Clock

TELLS = """
import sys, time
from tests.programs.chaos import clock
clock.set_up(sys.argv[1])
for line in sys.stdin:
    print(time.time(), time.time_ns() / 1e9, flush=True)
"""


def test_it_is_ahead_by_what_is_set_at_that_moment(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    with subprocess.Popen(
        [sys.executable, "-c", TELLS, str(clock.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for ahead in (0.0, 7200.0, -300.0):
            clock.set_ahead(ahead)
            process.stdin.write("now\n")
            process.stdin.flush()
            for told in process.stdout.readline().split():
                assert abs(float(told) - time.time() - ahead) < 60
        process.stdin.close()
