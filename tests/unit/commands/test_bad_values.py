"""Whatever somebody gives to an option or argument, the answer is for people: no word of Python's, no traceback."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.exceptions import TyperException

from commands.wrong_use import put_in_words
from tests.terminal import assert_inert
from tests.unit.commands.conftest import Run
from tests.unit.commands.every import commands

pytestmark = pytest.mark.thorough

BAD = (
    *("", "x", "-1", "0", "1.5", "1_0", "nan", "inf", "9" * 25, "1e400", "\u0661", "bogus\x1b[2J", "3:557:9:9"),
    *("2026-13-01", "2026-01-01", "0001-01-01T00:00:00+23:59", "é" * 300),
)
TEXTS = ("", "x", "é" * 300)
"""Parsers of free text take these, so that only the command can refuse them."""
FREE = {
    *("topics plan --cluster", "topics plan --principal", "simulate --url", "backfill --", "record show --topic"),
    *("tail --", "tail --event", "gaps ack --reason", "quarantine list --event", "quarantine replay --event"),
    *("conflicts list --event", "conflicts accept --event", "schema export --", "schema check --against"),
    *("schema drift --topic", "schema ddl --topic-prefix", "schema ddl --bootstrap-servers", "schema register --url"),
}
"""Options and arguments of free text: their parsers take all of `TEXTS`."""
PYTHON = re.compile(
    r"Traceback|\w+Error\b|invalid literal|could not convert|isoformat|NoneType|<class|object at 0x|unable to parse"
    r"|Input should be|Value error|base 10|codec can't|Connect call|ssl:default|must be str|<enum|<function"
)
SERVICES = {"ingress", "worker"}
"""They take nothing, and do not end."""
GIVEN = {
    "FILE": __file__,
    "ORDER_ID": "SO-1",
    "POSITION": "0:0",
    "TOPIC": "raw",
    "ID": "SO-1",
    "--for": "postgres",
    "--url": "http://127.0.0.1:1",
}
"""A good value for each that is needed."""


def command_lines() -> list[tuple[tuple[str, ...], Any, list[str]]]:
    """For each option and argument with a value: a command, and what one types behind it up to that value."""
    found: list[tuple[tuple[str, ...], Any, list[str]]] = []
    for path, command in commands():
        if isinstance(command, TyperGroup) or path[0] in SERVICES:
            continue
        arguments = [each for each in command.params if isinstance(each, TyperArgument)]
        needed = [GIVEN[str(each.metavar)] for each in arguments if each.required]
        for each in command.params:
            if isinstance(each, TyperOption) and each.required:
                needed += [each.opts[0], GIVEN[each.opts[0]]]
        for each in command.params:
            if isinstance(each, TyperArgument):
                found.append((path, command, ["--"]))
            elif isinstance(each, TyperOption) and not each.is_flag:
                found.append((path, command, [*needed, each.opts[0]]))
    return found


def refused(path: tuple[str, ...], command: Any, arguments: list[str]) -> TyperException | None:
    """Why a command does not take these arguments; None: it does."""
    try:
        command.make_context(" ".join(path), arguments)
    except TyperException as error:
        return error
    return None


EVERY = command_lines()
IDS = [" ".join((*path, before[-1])) for path, _, before in EVERY]


@pytest.mark.parametrize(("path", "command", "before"), EVERY, ids=IDS)
def test_what_cannot_be_read_is_told_in_words(path: tuple[str, ...], command: Any, before: list[str]) -> None:
    tried = {bad: refused(path, command, [*before, bad]) for bad in BAD}
    refusals = {bad: refusal for bad, refusal in tried.items() if refusal is not None}
    assert refusals or " ".join((*path, before[-1])) in FREE
    for bad, refusal in refusals.items():
        assert refusal.exit_code == 2
        put_in_words(refusal)
        assert not PYTHON.search(refusal.format_message()), (bad, refusal.format_message())
        for line in refusal.format_message().split("\n"):
            assert_inert(line)


@pytest.mark.parametrize(("path", "command", "before"), EVERY, ids=IDS)
def test_what_only_the_command_can_refuse_is_told_in_words(
    bridge: Run,
    path: tuple[str, ...],
    command: Any,
    before: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # some values name a folder to write to
    nobody = f"127.0.0.1:{unused_port()}"
    where = {"kafka_bootstrap_servers": nobody, "worker_url": f"http://{nobody}", "ingress_port": nobody[10:]}
    for text in TEXTS:
        if refused(path, command, [*before, text]) is not None:
            continue
        result = bridge(*path, *before, text, **where)
        assert result.exit_code in {0, 1, 2}, (text, result.output)
        assert result.exception is None or isinstance(result.exception, SystemExit), (text, result.exception)
        assert not PYTHON.search(result.output), (text, result.output)
        assert_inert(result.output)


def test_all_options_are_walked() -> None:
    """Otherwise the tests above would show nothing."""
    assert {"quarantine list --reason", "simulate --start", "record show --", "tail --since"} <= set(IDS)
    assert set(IDS) >= FREE
