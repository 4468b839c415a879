"""The templates' environment. Whatever data says becomes plain text on one line, without active characters. Also
formats durations and instants."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bridge.printable import inert, inert_json
from processors.worker.console.order_paths import order_path

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
TEMPLATES: Final = HERE / "templates"
KINDS: Final[Mapping[str, str]] = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_SHORT: Final = 8
_BREAKS: Final = re.compile(r"(?<=[._:])")


class AbsentError(ValueError):
    """A template shows None as if it were a text; it has to say in words that a value is not known."""


@cache
def environment() -> Environment:
    """Return the templates' environment, which keeps what it has compiled of them: one for the process."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "breakable": _breakable,
        "order_path": order_path,
        "path": lambda text: quote(text, safe=""),
        "clock": day_and_time,
        "lasting": lasting,
        "words": lambda text: text.replace("_", " "),
        "px": lambda number: f"{number:.1f}",
        "short": _short,
        "indented": _indented,
    }
    made.globals["static"] = {path.name: f"/console/static/{path.name}?{_digest(path)}" for path in STATIC.iterdir()}
    return made


def _shown(value: Any) -> Any:
    if value is None:
        raise AbsentError("a template shows None")
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _short(text: str) -> str:
    """Return the beginning of an id, for use where the whole id stands beside it."""
    return text if len(text) <= _SHORT + 1 else f"{text[:_SHORT]}…"


def _breakable(text: str) -> Markup:
    """Return a name that may break into the next line behind `.`, `_` and `:`."""
    return Markup("<wbr>").join(escape(part) for part in _BREAKS.split(inert(text)))


def _indented(data: Any) -> Markup:
    """Return JSON on many lines, without active characters other than the line feeds."""
    return escape(inert_json(data, indent=2))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def lasting(duration: timedelta) -> str:
    """Return a duration in its largest unit: `4 s`, `21 min`, `3 d`; less than a second in milliseconds."""
    seconds = duration.total_seconds()
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{sign}{int(seconds // size):,} {unit}"
    return f"{sign}{int(seconds)} s" if seconds >= 1 else f"{sign}{round(seconds * 1000)} ms"


def day_and_time(instant: str) -> str:
    """Return an instant of a document as `01 Jan 2026 00:04:20`, UTC."""
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%d %b %Y %H:%M:%S")
