"""Who answers for a partition: this worker, another one, or nobody at present."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from bridge.settings import Settings
from processors.engine.errors import TableDamagedError, TableError
from processors.engine.observer import LaneState
from processors.worker.queries import owners as module
from processors.worker.queries.owners import AwayError, Owners, TableReader
from tests.unit.processors.worker.queries.partitions import UnreadableTable

SETTINGS = Settings(tenant="acme", partitions=3)
TOPICS = SETTINGS.topics
TABLE = SimpleNamespace(get=lambda key: key)


class App:
    """An app with partition 0 of three. Partition 1 is another worker's, and nobody has the last one."""

    def __init__(self, *, raw: bool = False) -> None:
        self.home, self.name = (TOPICS.raw, "seen") if raw else (TOPICS.orders, "orders")
        self.member, self.ready = True, True
        self.lane = SimpleNamespace(next=7, state=LaneState.READY)
        self.lanes = SimpleNamespace(assigned=lambda: {TP(self.home, 0): self.lane})

    def is_member(self) -> bool:
        return self.member

    def lane_table(self, name: str, topic: str, partition: int) -> object | None:
        return TABLE if (name, topic, partition) == (self.name, self.home, 0) and self.ready else None

    def owner_of(self, topic: str, partition: int) -> str | None:
        return "http://other" if (topic, partition) == (self.home, 1) else None


def owners_of(app: App | None) -> Owners:
    worker: Any = SimpleNamespace(app=app)
    return Owners(worker, SETTINGS, *([app.name] if app else []))


@pytest.mark.parametrize("raw", [False, True])
def test_a_partition_is_here_or_elsewhere_or_nowhere(*, raw: bool) -> None:
    app = App(raw=raw)
    owners = owners_of(app)
    here = owners.here(0)
    assert here is not None
    assert (here.partition, here.table.get(b"a row"), here.read_to) == (0, b"a row", 7)
    assert (owners.here(1), owners.elsewhere(1)) == (None, "http://other")
    for partition, asked_by_one in ((2, False), (1, True)):
        with pytest.raises(AwayError, match="is being recovered"):
            owners.elsewhere(partition, asked_by_one=asked_by_one)
    with pytest.raises(AwayError, match="partition 2"):
        owners.shared_out()
    app.ready = False
    assert owners.here(0) is None


@pytest.mark.parametrize("raw", [False, True])
def test_a_lane_that_is_halted_is_not_said_to_be_recovered(*, raw: bool) -> None:
    """Nobody mends the lane within a second. It tries again after ten."""
    app = App(raw=raw)
    app.ready, app.lane.state = False, LaneState.OPENING
    opening = owners_of(app).away(0)
    assert (str(opening), opening.retry_s) == (f"partition 0 of {app.name} is being recovered", 1)
    app.lane.state = LaneState.HALTED
    for asked_by_one in (False, True):
        with pytest.raises(AwayError, match=f"^partition 0 of {app.name} is halted") as away:
            owners_of(app).elsewhere(0, asked_by_one=asked_by_one)
        assert away.value.retry_s == 10


def test_nobody_who_is_no_member_says_who_has_what() -> None:
    app = App()
    app.member = False
    for owners in (owners_of(app), owners_of(None)):
        for ask in (owners.here, owners.elsewhere):
            with pytest.raises(AwayError, match="not a member"):
                ask(0)


def test_what_was_read_longer_ago_than_a_session_may_be_wrong_by_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on while the system is suspended."""
    session_s = SETTINGS.session_timeout.total_seconds()
    monkeypatch.setattr(module, "boottime", lambda: 1000.0)
    owners_of(App()).require_fresh(1000.0 - session_s)
    with pytest.raises(AwayError, match="longer than a session"):
        owners_of(App()).require_fresh(999.9 - session_s)


READS: list[Callable[[TableReader], object]] = [
    lambda table: table.get(b"a"),
    lambda table: table.get_many([b"a"]),
    lambda table: table.scan(b"a", b"", 1),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("error", "why"),
    [
        (TableDamagedError("/data/orders/0 is damaged (Corruption: a block): move it away"), "is damaged"),
        (TableError("orders/0: CURRENT is missing"), "cannot be read"),
        (Exception("IO error: No such device: /data/orders/0/000009.sst"), "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_is_away_and_its_files_are_named_in_the_log_alone(
    read: Callable[[TableReader], object],
    error: Exception,
    why: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The answer was a 500, with a stack in the log. Like a halted lane, nobody mends the table within a second."""
    unreadable: Any = UnreadableTable(error)
    with pytest.raises(AwayError) as away:
        read(TableReader("partition 0 of orders", unreadable))
    assert (str(away.value), away.value.retry_s) == (f"partition 0 of orders {why}", 10)
    said = caplog.text + capsys.readouterr().out
    assert str(error) in said
    assert "Traceback" not in said
