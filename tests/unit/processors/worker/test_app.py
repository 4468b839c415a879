"""The composition root: what is wired to what."""

from collections.abc import Sequence
from typing import Any, NoReturn

import pytest

from bridge.settings import Settings
from processors.dedupe.agent import Processed
from processors.worker.app import _on_commit, fold_rules


class Unread:
    """A record whose body nobody may look at."""

    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def value(self) -> NoReturn:
        raise AssertionError("somebody looked")


def test_without_a_sample_no_body_is_looked_at() -> None:
    _on_commit(0)(Processed(), [Unread()])
    with pytest.raises(AssertionError, match="somebody looked"):
        _on_commit(1)(Processed(), [Unread()])


def test_settings_say_what_is_late_and_what_is_history() -> None:
    rules = fold_rules(Settings(tenant="acme", late_after="5s"))
    assert (rules.late_after_ms, rules.history) == (5_000, None)
    since: dict[str, Any] = {"orders_since": "2024-04-01T02:00:00+02:00", "history_window": "30d"}
    assert fold_rules(Settings(tenant="acme", **since)).history == ("2024-04-01T00:00:00", "2024-05-01T00:00:00")
