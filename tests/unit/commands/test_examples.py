"""Every command's help shows calls of it, and they work."""

import re
import shlex
from typing import Any

import pytest

from commands.terminal.examples import HEADING
from tests.unit.commands.conftest import Run
from tests.unit.commands.every import commands

EVERY = {" ".join(path): command for path, command in commands()}


def calls(command: Any) -> list[str]:
    _, _, examples = (command.help or "").partition(f"{HEADING}\n")
    return [line.strip() for line in examples.split("\n\n")[0].splitlines()]


@pytest.mark.parametrize("path", EVERY)
def test_help_shows_calls_that_fit_80_columns(bridge: Run, path: str) -> None:
    found = calls(EVERY[path])
    assert found
    shown = bridge(*path.split(), "--help").stdout
    for call in found:
        assert f"bridge {path}".strip() in call
        assert len(call) <= 76
        assert call in shown
    # The same call shows that no option has Python's name of a type, which is no word for people.
    assert not re.search(r"<(Any|bool|str|int|float|list\b|[A-Z])", shown.partition("Options:")[2])
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("path", ["", "topics", "record", "quarantine", "conflicts", "schema"])
def test_a_name_without_a_command_is_answered_with_the_help(bridge: Run, path: str) -> None:
    result = bridge(*path.split())
    assert result.exit_code == 2
    assert result.output.splitlines() == bridge(*path.split(), "--help").output.splitlines()


@pytest.mark.parametrize("path", EVERY)
def test_they_are_what_the_command_takes(path: str) -> None:
    """A renamed option would stay in its examples."""
    for call in calls(EVERY[path]):
        words = shlex.split(re.sub(r"^.*?\bbridge ", "", call).partition(" | ")[0])
        command, rest = _named(words)
        command.make_context("bridge", rest, resilient_parsing=False)


def _named(words: list[str]) -> tuple[Any, list[str]]:
    depth = max(n for n in range(len(words) + 1) if " ".join(words[:n]) in EVERY)
    return EVERY[" ".join(words[:depth])], words[depth:]
