"""Results of the suite belong to a revision of what the services run; comments do not matter."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.chaos.revision import APART, ROOT, code_of

LOADED = """
import sys, ingress.main, processors.worker.main
print(*{module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)}, sep="\\n")
"""


@pytest.mark.thorough
def test_no_service_runs_what_is_apart() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = [Path(line).relative_to(ROOT) for line in run.stdout.splitlines() if Path(line).is_relative_to(ROOT)]
    assert Path("processors/engine/lane.py") in loaded
    assert not [path for path in loaded if any(path.is_relative_to(apart) for apart in APART)]


def test_what_is_apart_is_there() -> None:
    assert all((ROOT / path).exists() for path in APART)


CODE = '''"""What it is for."""

LIMIT = 1
"""Seconds."""


def limit() -> int:
    """Return it."""
    return LIMIT  # as it is
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "limit.py"


def said(file: Path, text: str) -> bytes:
    file.write_text(text)
    return code_of(file)


def test_comments_and_docstrings_make_no_other_code(file: Path) -> None:
    assert said(file, CODE) == said(file, 'LIMIT = 1\n\n\ndef limit() -> int:\n    """How long."""\n    return LIMIT\n')


@pytest.mark.parametrize(
    ("old", "new"),
    [("LIMIT = 1", "LIMIT = 2"), ("-> int", "-> str"), ("return LIMIT", "return 1"), ("def ", "async def ")],
)
def test_code_does(file: Path, old: str, new: str) -> None:
    assert said(file, CODE) != said(file, CODE.replace(old, new))


def test_all_of_another_file_counts(tmp_path: Path) -> None:
    assert said(tmp_path / "requirements.txt", "a  # one\n") != said(tmp_path / "requirements.txt", "a\n")
