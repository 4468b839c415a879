"""The alert rules as they are deployed, and promtool to ask about them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[3]
OBSERVABILITY: Final = ROOT / "deploy" / "observability"
FILES: Final = sorted((OBSERVABILITY / "rules").glob("*.yml"))
_METRIC: Final = re.compile(r"\b(?:bridge|process)_[a-z0-9_]+\b(?!:)")
_SUFFIX: Final = re.compile(r"_(?:bucket|sum|count)$")


@cache
def groups(file: Path) -> list[dict[str, Any]]:
    """The groups of rules in a file."""
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    return found


def rules() -> Iterator[dict[str, Any]]:
    """Every rule of every file."""
    for file in FILES:
        for group in groups(file):
            yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    """The rules that alert. Some have the same name, and another severity."""
    return [rule for rule in rules() if "alert" in rule]


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression asks for: histograms without `_bucket` and the like, no recording rules."""
    without_records = re.sub(r"\bnamespace:[a-z0-9_:]+", "", expression)
    return {_SUFFIX.sub("", name) for name in _METRIC.findall(without_records)}


def promtool(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """What promtool says. Skips the test if it is not installed."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus), so nobody checks what Prometheus would say")
    return _run(["promtool", *arguments], stdin)


def _run(command: Sequence[str], stdin: str | None) -> subprocess.CompletedProcess[str]:
    alone = {**os.environ, "GOMAXPROCS": "1"}  # beside other tests a second core for its collector costs a fifth more
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=alone)
