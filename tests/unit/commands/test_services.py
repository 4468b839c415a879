"""The two services, before they are there."""

import signal
from collections.abc import Iterator

import pytest

from commands.app import app


@pytest.fixture(autouse=True)
def default_of_a_process() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("service", ["ingress", "worker"])
def test_a_hangup_ends_no_service_that_begins(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """A rotation may be told by SIGHUP as soon as there is a process."""

    def hang_up() -> None:
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.raise_signal(signal.SIGHUP)
        raise SystemExit(7)

    monkeypatch.setattr("bridge.settings.load_settings", hang_up)
    with pytest.raises(SystemExit) as ended:
        app([service])
    assert ended.value.code == 7
