"""Log lines for people at a terminal: time, level, what happened, its fields. Nothing in them affects the terminal."""

import json
import os
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, Final

from bridge.printable import inert

_RESET: Final = "\x1b[0m"
_FAINT: Final = "\x1b[2m"
_COLOURS: Final = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[1;31m"}
_LEVEL_WIDTH: Final = 8
_NOT_FIELDS: Final = frozenset({"timestamp", "level", "message", "logger", "exception"})


def wants_colour() -> bool:
    """Whether the terminal may be given colours: https://no-color.org."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class PrettyLine:
    """A structlog renderer. The time is this machine's; a stack follows on lines of its own."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        """One event as text, without the final line feed."""
        level = str(event.get("level", ""))
        at = datetime.fromisoformat(event["timestamp"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
        fields = "".join(f"  {inert(name)}={_value(value)}" for name, value in event.items() if name not in _NOT_FIELDS)
        where = self._in(_FAINT, f"  ({inert(str(event.get('logger', '')))})")
        said = inert(str(event.get("message", "")))
        line = (
            f"{self._in(_FAINT, at)} {self._in(_COLOURS.get(level), level.ljust(_LEVEL_WIDTH))} {said}{fields}{where}"
        )
        return line + "".join(f"\n    {inert(each)}" for each in str(event.get("exception", "")).splitlines())

    def _in(self, style: str | None, text: str) -> str:
        return f"{style}{text}{_RESET}" if self._colour and style else text


def _value(value: Any) -> str:
    """A field's value: text of one word as it is, other text in quotes, anything else as JSON."""
    if isinstance(value, int | float | bool) or value is None:
        return json.dumps(value)
    text = inert(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if text and " " not in text and '"' not in text else f'"{text}"' if isinstance(value, str) else text
