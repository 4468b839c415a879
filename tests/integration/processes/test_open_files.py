"""The limit of open files, in processes of their own."""

import subprocess
import sys

import pytest

_PROGRAM = """
import resource
from bridge.process import allow_many_open_files
allow_many_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("soft", "hard", "then"), [(256, 900, "900 900"), (900, 900, "900 900")])
def test_the_soft_limit_is_raised_to_the_hard_one(soft: int, hard: int, then: str) -> None:
    limited = ["sh", "-c", f'ulimit -Sn {soft}; ulimit -Hn {hard}; exec "$@"', "sh", sys.executable, "-c", _PROGRAM]
    assert subprocess.check_output(limited, text=True).strip() == then
