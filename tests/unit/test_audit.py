"""What `make lint` says of known vulnerabilities."""

from typing import Any

import pytest

from tests.audit import verdict

CLEAN: dict[str, Any] = {"name": "clean", "version": "1", "vulns": []}
UNKNOWN: dict[str, Any] = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}
BAD: dict[str, Any] = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}


@pytest.mark.parametrize("report", [None, {"dependencies": [UNKNOWN, UNKNOWN]}])
def test_where_nothing_is_known_that_is_said(report: dict[str, Any] | None) -> None:
    """pip-audit would say that there are no known vulnerabilities."""
    (said,), exit_code = verdict(report)
    assert "SKIPPED" in said
    assert exit_code == 0


def test_what_is_known_is_told_and_what_is_not_is_named() -> None:
    assert verdict({"dependencies": [CLEAN]}) == (["Dependency audit: 1 packages, 0 vulnerabilities."], 0)
    lines, exit_code = verdict({"dependencies": [CLEAN, UNKNOWN, BAD]})
    assert lines[0] == "bad 2: PYSEC-1, mended in 3"
    assert "SKIPPED unknown" in lines[1]
    assert exit_code == 1
