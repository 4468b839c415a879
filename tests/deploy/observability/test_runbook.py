"""Whoever is woken by an alert finds its entry, and in it what to do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.observability.rules import ROOT, alerts

PAGE = "docs/runbook.md"
PARTS = ["Means", "See", "Do", "Do not"]


def entries() -> Iterator[tuple[str, str]]:
    """Each entry's heading and its text."""
    for entry in (ROOT / PAGE).read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, text = entry.partition("\n")
        yield heading, text


ENTRIES = dict(entries())


def test_every_alert_has_its_entry_and_every_entry_its_alert() -> None:
    assert len(ENTRIES) == len(list(entries()))
    assert ENTRIES.keys() == {rule["alert"] for rule in alerts()}


@pytest.mark.parametrize("alert", ENTRIES)
def test_an_entry_says_what_it_means_where_to_look_what_to_do_and_what_not(alert: str) -> None:
    parts = [paragraph for paragraph in ENTRIES[alert].strip().split("\n\n") if paragraph]
    assert [part.split("**")[1] for part in parts] == PARTS
    assert all(len(part.split()) > 2 for part in parts)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_where_its_entry_is(rule: dict[str, Any]) -> None:
    annotations = rule["annotations"]
    assert annotations["runbook_url"] == f"{PAGE}#{rule['alert'].lower()}"
    assert annotations["summary"]
    assert annotations["description"].endswith(".")
    assert rule["labels"]["severity"] in {"critical", "warning"}


def test_the_commands_that_an_entry_names_exist() -> None:
    from typer.main import get_command

    from commands.app import app

    known = get_command(app).commands  # type: ignore[attr-defined]
    named = {word for text in ENTRIES.values() for word in re.findall(r"`bridge ([a-z]+)", text)}
    assert named
    assert named <= known.keys()


@pytest.mark.parametrize("alert", ["BridgeQuarantined", "BridgeConflicts"])
def test_what_a_worker_has_put_aside_is_not_looked_for_by_when_it_was_received(alert: str) -> None:
    """After an outage, it may have been received hours before: the alert rang, and the list of its entry was empty."""
    lists = re.findall(r"`bridge \w+ list ([^`]+)`", ENTRIES[alert])
    assert lists
    assert not [options for options in lists if "--since" in options]


def test_an_incomplete_order_is_not_looked_for_among_stalled_ones() -> None:
    """Stalled orders stretched the window of the replay, and an order beyond the limit was in no list."""
    assert re.findall(r"`bridge gaps( [^`a]*)?`", ENTRIES["BridgeOrdersIncomplete"]) == [" --missing"]
