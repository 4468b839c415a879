"""`bridge --env-file FILE`: settings of one deployment, for one command."""

import os
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command puts settings into its process's environment, which is ours here."""
    for name in ("BRIDGE_TENANT", "BRIDGE_PARTITIONS", "BRIDGE_WORKER_URL", "OTHER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def write(directory: Path, text: str) -> str:
    file = directory / "prod.env"
    file.write_bytes(text.encode())
    return str(file)


def test_its_settings_are_the_commands(bridge: Run, tmp_path: Path) -> None:
    text = "# prod\nexport BRIDGE_TENANT='acme'\nBRIDGE_WORKER_URL=\"http://nowhere.invalid/$path\"\nOTHER=1\n"
    result = bridge("--env-file", write(tmp_path, text), "order", "o1", tenant=None)
    assert "http://nowhere.invalid/$path" in result.stderr.splitlines()[-1]  # `$path` is not replaced
    assert "OTHER" not in os.environ


def test_what_the_environment_has_stays_and_is_told(bridge: Run, tmp_path: Path) -> None:
    file = write(tmp_path, "BRIDGE_TENANT=acme\nBRIDGE_PARTITIONS=0\n")
    result = bridge("--env-file", file, "order", "o1", partitions="none")
    warning, *problems = result.stderr.splitlines()
    assert warning == f"warning: BRIDGE_PARTITIONS is taken from the environment; {file} has another value."
    assert result.exit_code == 2
    assert any("BRIDGE_PARTITIONS" in problem for problem in problems)


def test_what_only_the_environment_has_is_told(bridge: Run, tmp_path: Path) -> None:
    file = write(tmp_path, "BRIDGE_TENANT=acme\n")
    result = bridge("--env-file", file, "order", "o1", partitions="none")
    first = result.stderr.splitlines()[0]
    assert first == f"warning: BRIDGE_PARTITIONS is taken from the environment; {file} does not have it."


@pytest.mark.parametrize(
    "line", ["BRIDGE_PARTITIONS='8", "BRIDGE PARTITIONS=8", "'BRIDGE_A=B'=8", "BRIDGE_PARTITIONS", "export OTHER"]
)
def test_a_line_that_is_none_is_named(bridge: Run, tmp_path: Path, line: str) -> None:
    file = write(tmp_path, f"# prod\nBRIDGE_TENANT=acme\n\n{line}\n")
    result = bridge("--env-file", file, "order", "o1", tenant=None)
    assert (result.exit_code, result.stderr) == (2, f"--env-file: line 4 of {file} is no NAME=value.\n")


@pytest.mark.parametrize("given", [None, b"\xff\xfe", b"BRIDGE_TENANT=a\0b\n", b"#" * 65_537])
def test_a_file_that_cannot_be_read_is_named(bridge: Run, tmp_path: Path, given: bytes | None) -> None:
    file = tmp_path / "prod.env"
    if given is not None:
        file.write_bytes(given)
    result = bridge("--env-file", str(file), "order", "o1")
    assert result.exit_code == 2
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith(f"--env-file: {file} cannot be read: ")
