"""However a local stack is ended, nothing of it stays."""

import os
import subprocess
import sys

import pytest

from deploy.local.stack import Stack

SIGNALLED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests were started by
signal.signal(signal.SIGHUP, signal.SIG_IGN if "nohup" in sys.argv else signal.SIG_DFL)
from deploy.local import __main__ as local

class FakeStack:
    def __init__(self, *_): pass
    def __enter__(self): return self
    def __exit__(self, *_):
        os.kill(os.getpid(), signal.SIGHUP) if sys.argv[1] == "SIGHUP" else None  # a shell that ends sends one more
        print("left in order")

local.Stack = FakeStack
local.COMMANDS["demo"] = lambda *_: os.kill(os.getpid(), signal.Signals[sys.argv[1]])
sys.exit(local.main(["demo"]))
"""


def ended(*arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    environment = {**os.environ, "BRIDGE_TENANT": "acme"}
    command = [sys.executable, "-c", SIGNALLED, *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_as_ctrl_c_does(signal: str) -> None:
    """A closed terminal once left its topics on somebody else's Kafka."""
    assert ended(signal) == (130, "left in order\n")


def test_under_nohup_it_outlives_its_terminal() -> None:
    assert ended("SIGHUP", "nohup") == (0, "left in order\n")


def test_it_is_left_in_order_also_where_nobody_can_be_told() -> None:
    """The terminal is gone."""

    def say(_: str) -> None:
        raise OSError("Input/output error")

    stack, left = Stack(say), list[str]()
    stack._cleanup.callback(left.append, "all")
    with pytest.raises(OSError, match="Input/output"):
        stack.__exit__(None, None, None)
    assert left == ["all"]
