"""A broker that was silent is asked last, by every client of the process."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.kafka import silent_brokers
from bridge.kafka.silent_brokers import REMEMBERED_S, SILENT_S, connecting

SERVERS = ("a:1", "b:2", "c:3")


class Clock:
    """Stands still, except while a connection is made."""

    now = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(silent_brokers, "time", made)
    monkeypatch.setattr(silent_brokers, "_silent_until", {})
    return made


def client() -> Any:
    brokers = [SimpleNamespace(nodeId=port, host=host, port=int(port)) for host, port in map(_parts, SERVERS)]
    return SimpleNamespace(_bootstrap_servers=list(SERVERS), cluster=SimpleNamespace(brokers=lambda: brokers))


def _parts(server: str) -> tuple[str, str]:
    host, _, port = server.partition(":")
    return host, port


def give_up(clock: Clock, host: str, port: int, seconds: float) -> None:
    with suppress(TimeoutError), connecting(host, port):
        clock.now += seconds
        raise TimeoutError


def last_ones() -> set[str]:
    """The brokers that are asked last to bootstrap, in 50 tries."""
    return {silent_brokers._those_that_speak_first(client())[-1][0] for _ in range(50)}


def nodes() -> set[str]:
    return {str(silent_brokers._node_that_speaks(client())) for _ in range(200)}


def test_all_are_asked_in_any_order_while_all_speak(clock: Clock) -> None:
    assert last_ones() == {"a", "b", "c"}
    assert nodes() == {"1", "2", "3"}


def test_one_that_said_nothing_is_asked_last_for_a_while(clock: Clock) -> None:
    give_up(clock, "b", 2, SILENT_S)
    assert last_ones() == {"b"}
    assert nodes() == {"1", "3"}
    clock.now += REMEMBERED_S
    assert last_ones() == {"a", "b", "c"}


def test_one_that_refuses_at_once_is_not_silent(clock: Clock) -> None:
    give_up(clock, "b", 2, SILENT_S / 2)
    assert last_ones() == {"a", "b", "c"}


def test_one_that_speaks_again_is_asked_as_ever(clock: Clock) -> None:
    give_up(clock, "b", 2, SILENT_S)
    with connecting("b", 2):
        pass
    assert nodes() == {"1", "2", "3"}


def test_where_all_are_silent_any_is_asked(clock: Clock) -> None:
    for host, port in map(_parts, SERVERS):
        give_up(clock, host, int(port), SILENT_S)
    assert last_ones() == {"a", "b", "c"}
    assert nodes() == {"1", "2", "3"}


def test_a_client_that_knows_nobody_has_no_node(clock: Clock) -> None:
    nobody = SimpleNamespace(cluster=SimpleNamespace(brokers=set))
    assert silent_brokers._node_that_speaks(nobody) is None
