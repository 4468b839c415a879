"""Streams that cannot be written, or are closed: exit 2, and a sentence if somebody can hear it."""

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from commands.terminal.output import confirm
from tests.unit.commands.messages import messages_of

UNBUFFERED = "PYTHONUNBUFFERED"
"""With it, Python has nothing left to write at its end, and so nothing to fail on."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("BRIDGE_", UNBUFFERED))} | {
    "BRIDGE_TENANT": "acme",
    "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
}
NO_ROOM = "The output cannot be written: No space left on device.\n"
ASKS = (
    "import typer; from commands import app, main; from commands.terminal.output import confirm;"
    "app.app = typer.Typer(); app.app.command()(lambda: confirm('bridge erase', yes=False)); main()"
)


def shell(command: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and stderr of Python with these arguments, and with streams as the command sets them."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {command}', sys.executable, *arguments],
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("output", ["table", "json"])
def test_a_full_disk_under_the_output_is_told(tmp_path: Path, output: str) -> None:
    export = tmp_path / "a.export"
    export.write_bytes(b"temp\n")
    arguments = ("-m", "commands", "backfill", "--dry-run", "-o", output, export)
    code, stderr = shell(">/dev/full", *arguments)
    assert (code, messages_of(stderr)) == (2, NO_ROOM.splitlines())


@pytest.mark.thorough
@pytest.mark.parametrize("data", ["console().print('data')", "print_json({})"])
def test_so_it_is_while_kafka_is_asked(data: str) -> None:
    """The message was "No space left on device", but not of what."""
    code, stderr = shell(">/dev/full", *bridge_of(IN_A_LOOP % data))
    assert (code, messages_of(stderr)) == (2, NO_ROOM.splitlines())


@pytest.mark.thorough
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_the_exit_code_tells_where_no_word_can(stderr: str) -> None:
    assert shell(stderr, "-m", "commands", "backfill", "--dry-run", "/nowhere") == (2, "")


@pytest.mark.thorough
@pytest.mark.parametrize("command", [("--version",), ("schema", "ddl", "--for", "postgres"), ("topics", "plan", "-h")])
def test_a_closed_output_is_told_as_well(command: tuple[str, ...]) -> None:
    """The data were gone, and the exit code was 0."""
    code, stderr = shell(">&-", "-m", "commands", *command)
    assert (code, messages_of(stderr)) == (2, ["The output cannot be written: it is closed."])


@pytest.mark.thorough
def test_it_does_not_matter_to_a_command_without_data() -> None:
    assert shell(">&-", *bridge_of("def command(): messages().print('half')")) == (0, "half\n")


def unread(*arguments: str, streams: Sequence[str] = ("stdout",)) -> tuple[int, str]:
    """Exit code and stderr of Python with these arguments, if nobody reads these streams."""
    reading, writing = os.pipe()
    os.close(reading)
    pipes = {"stderr": subprocess.PIPE, **dict.fromkeys(streams, writing)}
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            **pipes,  # type: ignore[call-overload]  # which has no overload for options by name
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr or ""


def bridge_of(command: str) -> tuple[str, str]:
    """Arguments of a `bridge` whose only command is this function."""
    return "-c", f"{MODULES}\n{command}\napp.app = typer.Typer(); app.app.command()(command); main()"


MODULES = """
import asyncio, sys, typer
from bridge.settings import Settings
from commands import app, main
from commands.terminal.output import console, fail, messages, print_json
from commands.terminal.running import run
"""
IN_A_LOOP = """
async def task():
    %s
    await asyncio.sleep(60)
def command():
    run(Settings(tenant="acme", kafka_bootstrap_servers="127.0.0.1:1"), task())
"""
AS_FOUND = """
async def found():
    try:
        yield "a finding"
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)
async def task():
    async for each in found():
        console().print(each)
def command():
    asyncio.run(task())
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "command",
    [
        "def command(): console().print('data')",
        "def command(): print_json({})",
        IN_A_LOOP % "console().print('data')",
        IN_A_LOOP % "print_json({})",
        AS_FOUND,
        "def command(): sys.stdout.write('what Python writes when it ends')",
        "def command():\n    sys.stdout.write('the same')\n    raise typer.Exit(1)",
    ],
    ids=["table", "JSON", "table in a loop", "JSON in a loop", "one by one", "at the end", "at an end with 1"],
)
def test_whoever_closes_the_pipe_has_enough(command: str) -> None:
    """Exit 1 would say that a command that looks for something has found it. `doctor` had a traceback in a third of all
    runs, and `explain -o json` said "Broken pipe", as if of a broker."""
    assert unread(*bridge_of(command)) == (2, "")


@pytest.mark.thorough
@pytest.mark.parametrize("command", [("topics", "plan", "-o", "strimzi"), ("doctor",), ("--version",), ("order", "-h")])
def test_so_it_is_of_commands(command: tuple[str, ...]) -> None:
    code, stderr = unread("-m", "commands", *command)
    assert (code, messages_of(stderr)) == (2, [])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("def command():\n    messages().print('half')\n    raise typer.Exit(1)", 1),
        ("def command(): fail('It cannot be.')", 2),
        ("def command(): pass", 0),
        (IN_A_LOOP.replace("sleep(60)", "sleep(0)") % "messages().print('half')", 0),
    ],
)
def test_where_messages_alone_have_no_reader_the_command_goes_on(command: str, code: int) -> None:
    """The command ended in the middle of its work."""
    assert unread(*bridge_of(command), streams=["stderr"]) == (code, "")


@pytest.mark.thorough
def test_wrong_use_is_wrong_use_where_nobody_hears_it() -> None:
    """The exit code was 1."""
    assert unread("-m", "commands", "nonsense", streams=["stderr"]) == (2, "")


@pytest.mark.thorough
def test_both_streams_may_have_the_same_reader() -> None:
    command = "def command():\n    messages().print('half')\n    console().print('data')"
    assert unread(*bridge_of(command), streams=["stdout", "stderr"]) == (2, "")


@pytest.mark.thorough
def test_nobody_to_ask_is_told_where_standard_input_is_closed() -> None:
    assert shell("<&-", "-c", ASKS) == (2, "Without a terminal, `bridge erase` needs --yes.\n")


class Terminal(io.StringIO):
    """Somebody has typed this, and then Ctrl-D; or Ctrl-C, as \\x03."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as StringIO has it, of text
        line = super().readline(size)
        if line == "\x03":
            raise KeyboardInterrupt
        return line


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "\x03"], ids=["no", "nothing", "Ctrl-D", "Ctrl-C"])
def test_whoever_does_not_say_yes_is_told_that_nothing_was_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    with pytest.raises(typer.Exit) as ended:
        confirm("bridge erase", yes=False)
    assert (ended.value.exit_code, capsys.readouterr().err.endswith("Nothing was done.\n")) == (2, True)
