"""A processor that crashes again and again: when the process gives up, and what does not count."""

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import MagicMock

import pytest
from aiokafka.errors import KafkaConnectionError

from bridge.rules.rules import Recorded
from bridge.settings import Settings
from processors.worker import main
from processors.worker.crashes import MOST, WITHIN_S, Crashes, first_of
from processors.worker.main import Worker

BUG: Final = ValueError("a bug")


def judged(*times: float, reason: BaseException | None = BUG) -> list[bool]:
    crashes = Crashes()
    return [crashes.are_too_many(time, reason) for time in times]


def test_the_fifth_crash_within_five_minutes_is_one_too_many() -> None:
    assert judged(0.0, 1.0, 2.0, 3.0, WITHIN_S) == [False, False, False, False, True]
    assert judged(0.0, 1.0, 2.0, 3.0, reason=None) == [False] * 4
    assert judged(0.0, 1.0, 2.0, 3.0, 4.0, reason=None)[-1]


def test_those_of_long_ago_do_not_count() -> None:
    assert judged(0.0, 1.0, 2.0, 3.0, WITHIN_S + 1, WITHIN_S + 1.5) == [False] * 6
    assert judged(0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0) == [False] * 7
    assert judged(0.0, WITHIN_S, WITHIN_S + 1, WITHIN_S + 2, WITHIN_S + 3, WITHIN_S + 4)[-1]


def caused(cause: Exception) -> Exception:
    error = RuntimeError("not started")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "reason",
    [
        KafkaConnectionError("gone"),
        ConnectionResetError(),
        OSError(113, "No route to host"),
        TimeoutError(),
        asyncio.IncompleteReadError(b"", 4),
        caused(KafkaConnectionError("gone")),
    ],
)
def test_what_kafka_may_be_to_blame_for_does_not_count(reason: BaseException) -> None:
    assert judged(*map(float, range(50)), reason=reason) == [False] * 50


def test_what_a_file_is_to_blame_for_does() -> None:
    assert judged(*map(float, range(MOST)), reason=PermissionError(13, "Permission denied", "/var/lib/bridge"))[-1]


def test_an_outage_makes_it_begin_anew() -> None:
    crashes = Crashes()
    for _ in range(MOST - 1):
        crashes.are_too_many(0.0, BUG)
    crashes.reset()
    assert [crashes.are_too_many(1.0, BUG) for _ in range(MOST)] == [False] * 4 + [True]


def test_a_group_counts_as_what_is_in_it() -> None:
    gone = KafkaConnectionError("gone")
    assert first_of(ExceptionGroup("tasks", [ExceptionGroup("tasks", [gone])])) is gone
    assert first_of(BUG) is BUG
    assert first_of(None) is None


class Server:
    """A stand-in for `WorkerServer` that nobody asks."""

    def __init__(self, *_: object) -> None: ...

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


class Crashing:
    """An app that crashes when it is started. It takes all else that the worker wants of it."""

    made = 0

    def __init__(self, reason: BaseException) -> None:
        type(self).made += 1
        self.crash_reason = reason
        self.lanes = self.leftovers = self
        self.readings = dict[object, object]
        self.ticking = dict[str, object]()

    async def start(self) -> None: ...

    async def wait_crashed(self) -> None: ...

    async def end(self, _timeout: float) -> bool:
        return True

    async def keep_removing(self) -> None:
        await asyncio.Event().wait()

    def is_member(self) -> bool:
        """The worker was a member, for a moment."""
        return True


async def for_ever(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker whose Kafka is there."""
    answering = SimpleNamespace(run=for_ever)
    for name in ("CaughtUp", "RawEventReader", "FirstRecord", "OpenConflicts"):
        monkeypatch.setattr(main, name, lambda *_: answering)
    for name in ("keep_purging", "keep_ticking"):
        monkeypatch.setattr(main, name, for_ever)
    monkeypatch.setattr(main, "LaneWatch", lambda *_: SimpleNamespace(run=for_ever, outage=False))
    monkeypatch.setattr(main, "WorkerServer", Server)
    monkeypatch.setattr(main, "_RETRY_S", 0.0)
    monkeypatch.setattr(Crashing, "made", 0)
    made = Worker(Settings(tenant="acme"))
    made.watch = SimpleNamespace(run=for_ever, kafka=lambda: None)  # type: ignore[assignment] # the topics' place
    made._rules = SimpleNamespace(run=for_ever, refusal=None, recorded=RECORDED)  # type: ignore[assignment]
    monkeypatch.setattr(made, "_contacted", contacted)
    return made


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    said = MagicMock()
    monkeypatch.setattr(main, "log", said)
    return said


RECORDED: Any = SimpleNamespace(key_table=None)


async def contacted() -> Recorded | None:
    return RECORDED  # type: ignore[no-any-return]


async def ended(run: Awaitable[int]) -> int:
    async with asyncio.timeout(30):
        return await run


async def test_a_worker_whose_app_crashes_again_and_again_ends(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, log: MagicMock
) -> None:
    """Though it is a member of the group each time."""
    monkeypatch.setattr(main, "build_app", lambda *_: Crashing(ExceptionGroup("tasks", [BUG])))
    assert await ended(worker.run()) == 1
    assert Crashing.made == MOST
    ((said,), told) = log.critical.call_args
    assert (said, told["reason"]) == ("the processor crashes again and again, giving up", "ValueError: a bug")
    assert [call.kwargs["started_anew"] for call in log.error.call_args_list] == [True] * 4 + [False]


@pytest.mark.parametrize("end", [ZeroDivisionError("a mistake of ours"), asyncio.CancelledError()])
async def test_a_worker_whose_watch_ends_ends(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, log: MagicMock, end: BaseException
) -> None:
    """Here, the topics' watch. `WorkerServer` tells of the keys' watch, without which a revoked key stays in force. A
    cancellation that nobody asked for counts, too: aiokafka may raise its own."""

    async def fail() -> None:
        raise end

    monkeypatch.setattr(worker.watch, "run", fail)
    monkeypatch.setattr(main, "build_app", lambda *_: Crashing(ExceptionGroup("tasks", [BUG])))
    monkeypatch.setattr(worker._crashes, "are_too_many", lambda *_: False)
    assert await ended(worker.run()) == 1
    assert log.critical.call_args.args == ("a watch has ended, giving up",)


async def test_watches_that_end_with_the_worker_are_nothing_to_tell(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, log: MagicMock
) -> None:
    assert await ended_after(worker, monkeypatch, 1) == 0
    while len(asyncio.all_tasks()) > 1:
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # their callbacks run
    log.critical.assert_not_called()


@pytest.mark.parametrize("part", ["all of it", "a part of it"])
async def test_while_kafka_is_out_of_reach_it_goes_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(main, "_LOOK_S", 0.0)
    if part == "all of it":
        monkeypatch.setattr(worker.watch, "kafka", lambda: "away")
    else:
        monkeypatch.setattr(main, "LaneWatch", lambda *_: SimpleNamespace(run=for_ever, outage=True))
    assert await ended_after(worker, monkeypatch, 4 * MOST) == 0


async def test_a_contact_that_fails_between_two_crashes_makes_it_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage may be over before the watch has noticed it."""

    async def fails(_: Settings) -> Recorded:
        raise KafkaConnectionError("gone")

    monkeypatch.setattr(main, "worker_first_contact", fails)
    worker = Worker(Settings(tenant="acme"))
    worker._stop = asyncio.Event()
    for _ in range(MOST - 1):
        worker._crashes.are_too_many(0.0, BUG)
    assert await worker._contacted() is None
    assert not worker._crashes.are_too_many(0.0, BUG)


async def test_an_app_that_ends_since_rules_are_adopted_has_not_crashed(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker._rules, "recorded", object())
    assert await ended_after(worker, monkeypatch, 4 * MOST) == 0


async def ended_after(worker: Worker, monkeypatch: pytest.MonkeyPatch, crashes: int) -> int:
    """The exit code of a worker that is told to stop when its app has crashed so often."""

    def build(*_: object) -> Crashing:
        if Crashing.made == crashes:
            worker._stop.set()
        return Crashing(BUG)

    monkeypatch.setattr(main, "build_app", build)
    code = await ended(worker.run())
    assert Crashing.made > crashes
    return code
