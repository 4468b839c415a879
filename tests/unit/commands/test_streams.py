"""Streams that cannot be written, or are closed: exit 2 and a sentence, where there is somebody to hear it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from commands.terminal.output import confirm
from tests.unit.commands.messages import messages_of

NO_ROOM = "The output cannot be written: No space left on device.\n"
ASKS = (
    "import typer; from commands import app, main; from commands.terminal.output import confirm;"
    "app.app = typer.Typer(); app.app.command()(lambda: confirm('bridge erase', yes=False)); main()"
)


def shell(command: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and stderr of Python with these arguments, its streams as the command has them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {command}', sys.executable, *arguments],
        env=environment | {"BRIDGE_TENANT": "acme"},
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
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_the_exit_code_tells_where_no_word_can(stderr: str) -> None:
    assert shell(stderr, "-m", "commands", "backfill", "--dry-run", "/nowhere") == (2, "")


@pytest.mark.thorough
def test_whoever_closes_the_pipe_has_enough() -> None:
    """Exit 1 would say that a command which looks for something has found it."""
    plan = f"{sys.executable} -m commands topics plan -o strimzi"
    assert shell("", "-c", f"import os; os.execlp('bash', 'bash', '-c', '{plan} | true; exit $PIPESTATUS')") == (2, "")


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
