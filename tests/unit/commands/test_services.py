"""The two services, before they run."""

import os
import signal
from collections.abc import Iterator

import pytest

from commands.app import app


@pytest.fixture(autouse=True)
def default_of_a_process() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGHUP, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("service", ["ingress", "worker"])
def test_a_hangup_ends_no_service_that_begins(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """A rotation may send SIGHUP as soon as there is a process."""

    def hang_up() -> None:
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.raise_signal(signal.SIGHUP)
        raise SystemExit(7)

    monkeypatch.setattr("bridge.settings.load_settings", hang_up)
    with pytest.raises(SystemExit) as ended:
        app([service])
    assert ended.value.code == 7


@pytest.mark.parametrize("service", ["ingress", "worker"])
def test_a_service_that_begins_ends_when_it_is_told_to_also_as_the_first_process_of_a_container(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """Linux passes such a process only signals that it handles: it went on until it was killed."""

    def end() -> None:
        assert callable(signal.getsignal(signal.SIGTERM))
        signal.raise_signal(signal.SIGTERM)

    def exited(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr("bridge.settings.load_settings", end)
    monkeypatch.setattr(os, "_exit", exited)
    with pytest.raises(SystemExit) as ended:
        app([service])
    assert ended.value.code == 0


@pytest.mark.parametrize("service", ["ingress", "worker"])
def test_no_service_starts_with_a_foreign_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], service: str
) -> None:
    """The package's internals are not those that the bridge changes. Only the installer had looked, unless told not
    to."""

    def started() -> None:
        raise SystemExit(7)

    monkeypatch.setattr("bridge.settings.load_settings", started)
    monkeypatch.setattr("bridge.version._installed", {"aiokafka": {"0.13.0"}, "aiohttp": {"1"}}.get)
    monkeypatch.setattr("bridge.version.requires", lambda _: ["aiokafka[lz4,snappy,zstd]==0.14.0"], raising=False)
    with pytest.raises(SystemExit) as ended:
        app([service])
    assert ended.value.code == 2
    assert "aiokafka 0.13.0 is installed, and the bridge needs 0.14.0" in capsys.readouterr().err
