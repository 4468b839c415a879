"""The severity of what is wrong, or may be."""

from typing import Any

import pytest

from processors.orders.verdict.findings import Severity, findings
from tests.unit.commands.order.orders import order, shipped_and_paid

ASIDE = {"acknowledged": [{"name": "a", "reason": "lost for good", "at": "2026-01-01T00:00:00Z"}]}


@pytest.mark.parametrize(
    ("fields", "severities"),
    [
        ({}, [Severity.WARNING, Severity.WARNING]),
        ({"incomplete": True}, [Severity.ALARM, Severity.ALARM]),
        (ASIDE, [Severity.NOTE, Severity.WARNING]),
        (ASIDE | {"incomplete": True}, [Severity.NOTE, Severity.ALARM]),
    ],
)
def test_what_is_missing_alarms_once_it_is_late_and_is_a_note_where_it_was_set_aside(
    fields: dict[str, Any], severities: list[Severity]
) -> None:
    state = order(*shipped_and_paid(), missing=["a", "b"], provisional=True, **fields)
    found = [(each.text, each.severity) for each in findings(state) if each.label == "missing"]
    assert found == [*zip(("a", "b"), severities, strict=True)]
