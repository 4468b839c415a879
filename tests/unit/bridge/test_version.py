"""Which build runs, as an operator sees it."""

from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from bridge.metrics.service import Service
from bridge.metrics.shared import build_info
from bridge.version import REVISION, revision, version_in_words
from commands.app import app

VERSION = version("newstore-kafka-bridge")
COMMIT = "745449fc7e0e1b1b1c66cd6b4a5d86d7e8a7a1b2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, VERSION),
        ("", VERSION),
        (COMMIT, f"{VERSION} (745449f)"),
        ("745449fc-dirty", f"{VERSION} (745449fc-dirty)"),
    ],
)
def test_two_builds_of_one_version_are_told_apart_by_their_revisions(
    monkeypatch: pytest.MonkeyPatch, given: str | None, said: str
) -> None:
    """Only a commit's whole id is cut short. Not known, as of what runs from no image: nothing is said of it."""
    monkeypatch.delenv(REVISION, raising=False)
    if given is not None:
        monkeypatch.setenv(REVISION, given)
    assert (version_in_words(), revision()) == (said, given or "")


def test_the_command_line_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REVISION, COMMIT)
    assert CliRunner().invoke(app, ["--version"]).stdout == f"bridge {VERSION} (745449f)\n"


def test_a_roll_out_of_the_same_version_shows_in_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REVISION, COMMIT)
    monkeypatch.setattr("bridge.metrics.service.DESCRIBED", [])  # docs/metrics.md has the real ones
    service = Service("ingress")
    build_info(service)
    [[sample]] = [metric.samples for metric in service.registry.collect() if metric.name == "bridge_build_info"]
    assert sample.labels == {"service": "ingress", "version": VERSION, "revision": COMMIT}
