"""The test's end of the relay: tells it who listens where, and who is cut off from whom."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any, Self


class Network:
    """All links are whole and fast until told otherwise. The relay ends with this process."""

    def __init__(self) -> None:
        self._relay = subprocess.Popen(
            [sys.executable, "-m", "tests.programs.chaos.relay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.is_at("the test", os.getpid())  # else the relay would look for its connections in vain, again and again

    def listen(self, name: str, port: int, target: int) -> None:
        """From now on `port` leads to `target`, the port on which the party called `name` listens."""
        self._do(do="listen", name=name, port=port, target=target)

    def is_at(self, name: str, pid: int) -> None:
        """The party is this process now."""
        self._do(do="pid", name=name, pid=pid)

    def cut(self, parties: Iterable[tuple[str, str]]) -> None:
        """Let nothing pass between the two of each pair. Nothing is lost on the way, either."""
        self._do(do="link", pairs=_with_controllers(parties), delay=None)

    def cut_data(self, parties: Iterable[tuple[str, str]]) -> None:
        """Cut the pairs, but let brokers reach each other's controllers: they are alive, and get no records."""
        self._do(do="link", pairs=list(parties), delay=None)

    def slow(self, parties: Iterable[tuple[str, str]], seconds: float) -> None:
        """Make everything between the two of each pair take so much longer, each way."""
        self._do(do="link", pairs=_with_controllers(parties), delay=seconds)

    def heal(self) -> None:
        """Make all links whole and fast again."""
        self._do(do="heal")

    def hold_an_end_txn(self, lead: float, of: str | None = None) -> None:
        """Let the next EndTxn, `of` a transactional id or of any lane, die with its connection. It arrives within its
        sender's next transaction: behind what that wrote first, and `lead` seconds before the rest."""
        self._do(do="late", lead=lead, of=of)

    def delivered_late(self) -> int:
        """How many of these arrived, ever."""
        return int(self._do(do="tell")["delivered_late"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._relay.kill()
        self._relay.communicate()

    def _do(self, **command: Any) -> dict[str, Any]:
        assert self._relay.stdin is not None
        assert self._relay.stdout is not None
        self._relay.stdin.write(json.dumps(command) + "\n")
        self._relay.stdin.flush()
        answer = self._relay.stdout.readline()
        assert answer, "the relay has ended"
        told: dict[str, Any] = json.loads(answer)
        return told


def controller_of(broker: str) -> str:
    """The name under which a broker's controller listens; the broker dials for both."""
    return f"{broker}-controller"


def _with_controllers(parties: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = list(parties)
    return [*pairs, *((controller_of(one), other) for pair in pairs for one, other in (pair, pair[::-1]))]
