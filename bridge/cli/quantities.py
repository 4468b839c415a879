"""Values of options: durations and moments."""

from datetime import UTC, datetime
from typing import Any

import typer


def duration(text: str, *names: str) -> Any:
    """An option of seconds, written as settings are: `20s`, `15 min`. `names`: if it is not the parameter's."""
    return typer.Option(*names, parser=_seconds, metavar="DURATION", help=text)


def moment(text: str) -> datetime:
    """An RFC 3339 date-time with its zone, in UTC. ValueError: it is none."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a zone is missing, as in 2026-01-01T00:00:00Z")
    return parsed.astimezone(UTC)


def _seconds(text: str) -> float:
    from bridge.units import parse_duration

    return parse_duration(text).total_seconds()
