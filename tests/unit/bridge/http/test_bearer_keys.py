"""Who may call, and what is logged when that changes."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bridge.http import bearer_keys
from bridge.http.bearer_keys import BearerKeys, key_number
from bridge.repeat_limit import RepeatFilter, RepeatLimit
from bridge.settings import Settings

KEYS = (b"first", "schlüssel".encode())
OLD, NEW = "old-" + "o" * 20, "new-" + "n" * 20


def bearing(*keys: str) -> CIMultiDict[str]:
    return CIMultiDict([("authorization", f"Bearer {key}") for key in keys])


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ingress's key file, looked at every 10 ms."""
    file = tmp_path / "keys"
    file.write_text(f"{OLD}\n")
    monkeypatch.setenv("BRIDGE_INGRESS_API_KEYS_FILE", str(file))
    monkeypatch.setattr(bearer_keys, "LOOK_EVERY_S", 0.01)
    return file


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[BearerKeys]:
    keys = BearerKeys(Settings(tenant="acme", **settings), "ingress")
    task = asyncio.create_task(keys.run())
    try:
        yield keys
    finally:
        task.cancel()
        await asyncio.wait({task})


async def becomes(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_rotation_opens_the_new_key_before_it_closes_the_old_one(path: Path) -> None:
    async with running() as keys:
        assert keys.admit(bearing(OLD))
        assert not keys.admit(bearing(NEW))
        path.write_text(f"{OLD}\n{NEW}\n")
        await becomes(lambda: keys.admit(bearing(NEW)))
        assert keys.admit(bearing(OLD))
        path.write_text(f"{NEW}\n")
        await becomes(lambda: not keys.admit(bearing(OLD)))
        assert keys.admit(bearing(NEW))


async def test_each_rotation_leaves_a_line_that_holds_no_part_of_a_key(path: Path) -> None:
    with capture_logs() as lines:
        async with running() as keys:
            path.write_text(f"{NEW}\nthird-{OLD}\n")
            await becomes(lambda: keys.admit(bearing(NEW)))
    (line,) = [line for line in lines if "audit" in line]
    assert (line["event"], line["service"], line["file"]) == ("API keys changed", "ingress", str(path))
    assert (line["keys"], line["added"], line["removed"]) == (2, 2, 1)
    assert not any(part in str(lines) for part in ("old-", "new-", "third-"))


def test_such_a_line_is_never_left_out() -> None:
    filter_ = RepeatFilter(partial(RepeatLimit, repeats=1, burst=1), clock=lambda: 0.0)
    record = logging.LogRecord("bridge", logging.INFO, "", 0, {"event": "API keys changed", "audit": True}, None, None)
    assert all(filter_.filter(record) for _ in range(50))


@pytest.mark.parametrize("held", ["", f"{OLD}\nnew"])
async def test_a_file_that_cannot_be_used_keeps_the_old_keys_and_is_told(path: Path, held: str) -> None:
    with capture_logs() as lines:
        async with running() as keys:
            await becomes(lambda: keys._file is not None and keys._file._ended)
            assert keys.problem() is None
            path.write_text(held)
            await becomes(keys.problem)
            assert "The keys before stay in force" in (keys.problem() or "")
            assert keys.admit(bearing(OLD))
            assert not keys.admit(bearing("new"))
            path.write_text(f"{OLD}\n")
            await becomes(lambda: keys.problem() is None)
    assert [line["log_level"] for line in lines] == ["warning"]


async def test_sighup_takes_what_is_there_and_ends_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer_keys, "LOOK_EVERY_S", 3600.0)
    async with running() as keys:
        await asyncio.sleep(0)
        path.write_text(f"{NEW}\n")
        os.kill(os.getpid(), signal.SIGHUP)
        await becomes(lambda: keys.admit(bearing(NEW)))


async def test_sighup_without_a_file_says_that_it_changes_nothing() -> None:
    with capture_logs() as lines:
        async with running(ingress_api_keys=OLD) as keys:
            await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGHUP)
            await becomes(lambda: lines)
            assert keys.admit(bearing(OLD))
    assert "SIGHUP changes nothing" in lines[0]["event"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ingress_api_keys": OLD}, None),
        ({"ingress_api_keys": f"{OLD},hunter2"}, "1 of 2 in BRIDGE_INGRESS_API_KEYS shorter than 16"),
        ({"ingress_allow_anonymous": True}, "BRIDGE_INGRESS_ALLOW_ANONYMOUS is true"),
    ],
)
async def test_weak_keys_and_none_are_told_at_the_start_and_by_readiness(
    settings: dict[str, Any], said: str | None
) -> None:
    with capture_logs() as lines:
        async with running(**settings) as keys:
            await asyncio.sleep(0)
            assert (keys.problem() is None) if said is None else (said in (keys.problem() or ""))
    assert len(lines) == (0 if said is None else 1)
    assert "hunter2" not in str(lines)


@pytest.mark.parametrize("settings", [{"ingress_api_keys": OLD}, {"ingress_allow_anonymous": True}])
def test_several_authorizations_are_none(settings: dict[str, Any]) -> None:
    """Otherwise a proxy and the bridge might believe different ones."""
    keys = BearerKeys(Settings(tenant="acme", **settings), "ingress")
    assert keys.admit(bearing(OLD))
    assert not keys.admit(bearing(OLD, OLD))
    assert not keys.admit(bearing(OLD, "wrong"))


async def test_keys_that_come_into_an_empty_file_end_anonymity(path: Path) -> None:
    path.write_text("")
    async with running(ingress_allow_anonymous=True) as keys:
        assert keys.admit(CIMultiDict())
        path.write_text(f"{NEW}\n")
        await becomes(lambda: not keys.admit(CIMultiDict()))
        assert keys.admit(bearing(NEW))


@pytest.mark.parametrize(
    "header",
    ["Bearer first", "bearer first", "Bearer  first ", "Bearer schlüssel"],
)
def test_each_key_opens(header: str) -> None:
    assert key_number(header, KEYS) == 1 + ("schlüssel" in header)


@pytest.mark.parametrize(
    "header",
    [None, "", "first", "Bearer", "Bearer ", "Bearer firs", "Bearer first2", "Basic first", "Bearer \udcff"],
)
def test_nothing_else_does(header: str | None) -> None:
    assert key_number(header, KEYS) is None


def test_key_bytes_that_are_no_utf8_are_compared_as_they_came() -> None:
    assert key_number("Bearer \udcff", (b"\xff",)) == 1


def test_no_keys_at_all_open_nothing_unless_anonymity_is_allowed() -> None:
    assert key_number("Bearer first", ()) is None
    assert key_number(None, None) == 0


def test_all_keys_are_compared_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(_given: bytes, key: bytes) -> bool:
        compared.append(key)
        return True

    monkeypatch.setattr("bridge.http.bearer_keys.hmac.compare_digest", compare)
    key_number("Bearer first", KEYS)
    assert compared == list(KEYS)
