"""What became of tests that run in forks is told as if they ran in the session."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.integration.exactly_once.process import ROOT

pytestmark = pytest.mark.thorough  # it starts pytest

_PASSING: Final = """
import os

import pytest


@pytest.fixture(scope="module")
def who():
    yield os.getpid()
    print("the file's own is torn down")


@pytest.mark.parametrize("nth", range(50))
def test_passes(nth, who, tmp_path, capfd):
    print(nth)
    assert who == os.getpid()
    assert capfd.readouterr().out == f"{nth}\\n"


def test_fails(who):
    print(f"printed by {who}")
    assert 1 + 1 == 3


@pytest.mark.skip(reason="not here")
def test_is_skipped():
    pass
"""
_ENDING: Final = """
import os


def test_ends_its_process():
    os._exit(7)


def test_that_is_next():
    pass
"""


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a pytest of its own."""
    (folder / "pytest.ini").touch()
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.forks", "-p", "no:cacheprovider", "-rsfE", *arguments]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_what_passed_failed_and_was_skipped_is_counted_once_with_what_it_printed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(_PASSING)
    code, output = run(tmp_path)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "3 failed, 150 passed, 3 skipped" in output
    assert "[100%]" in output
    for name in "abc":
        assert f"FAILED test_{name}.py::test_fails - assert (1 + 1) == 3" in output
    assert output.count("\nprinted by ") == 3
    assert output.count("Captured stdout call") == 3
    assert "the file's own is torn down" not in output  # as nothing is of what passes


def test_one_that_ends_its_process_has_failed_and_what_it_keeps_from_running_is_told(tmp_path: Path) -> None:
    (tmp_path / "test_ending.py").write_text(_ENDING)
    (tmp_path / "test_passing.py").write_text(_PASSING)
    code, output = run(tmp_path)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "The process that ran this test ended with exit code 7." in output
    assert "1 tests did not run: the process that was to run them had ended" in output
    assert "2 failed, 50 passed, 1 skipped" in output


def test_the_first_failure_is_the_last_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_ending.py").write_text(_ENDING)
    code, output = run(tmp_path, "-x")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "stopping after 1 failures" in output
