"""Runs a command, such as a broker, for as long as its starter lives: `python keeper.py DIRECTORY COMMAND…`.

The keeper prints `pid N` and, when the command has ended, `exited CODE`. When standard input ends, because the starter
closed it or died in any way, the keeper stops the command. It removes DIRECTORY, unless the last line there was `keep`.
The keeper is a process of its own, because nothing inside a process survives the process's SIGKILL.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

GRACE_S = 20


def main(directory: Path, command: list[str]) -> None:
    """Start the command, wait for the end of standard input, clean up."""
    with (directory / "broker.log").open("ab") as log:
        broker = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a group that can be killed; the starter handles Ctrl-C
        )
    _say(f"pid {broker.pid}")
    threading.Thread(target=lambda: _say(f"exited {broker.wait()}"), daemon=True).start()
    wish = ""
    try:
        for line in sys.stdin:
            wish = line.strip()
    finally:
        _stop(broker)
        if wish != "keep":
            shutil.rmtree(directory)


def _say(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the starter is gone, so nobody needs to know
        os.write(sys.stdout.fileno(), f"{line}\n".encode())  # noqa: TID251 - a pipe to the starter, its own lines


def _stop(broker: subprocess.Popen[bytes]) -> None:
    broker.terminate()
    try:
        broker.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(broker.pid, signal.SIGKILL)
        broker.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(Path(sys.argv[1]), sys.argv[2:])
