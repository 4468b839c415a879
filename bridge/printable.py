"""Makes text harmless to terminals and logs, and short."""

import json
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

MOST_CHARACTERS: Final = 60
_MOST_ITEMS: Final = 10

_PRINTABLE_ASCII: Final = re.compile(r"[ -~\n]*")
"""JSON with an indent has line feeds between its lines, but none in its strings."""


def inert(text: str) -> str:
    r"""`text` on one line; what is not printable is escaped as in Python: `\n`, `\x1b`, `\u202e`.

    Not printable are control and format characters (ESC, C1, marks of direction, zero width), separators other than the
    space, lone surrogates, and what Unicode has not assigned.
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def printable(text: str) -> str:
    """In quotes, inert, and cut if it is longer than `MOST_CHARACTERS`."""
    cut = text[:MOST_CHARACTERS]
    return f'"{inert(cut)}"' if cut == text else f'"{inert(cut)}…"'


def listed(items: Sequence[object], between: str = ", ") -> str:
    """The first items, and how many more there are."""
    shown = [str(each) for each in items[:_MOST_ITEMS]]
    if len(items) > _MOST_ITEMS:
        shown.append(f"and {len(items) - _MOST_ITEMS:,} more")
    return between.join(shown)


def inert_json(data: Any, *, indent: int | None = None, default: Callable[[Any], Any] | None = None) -> str:
    r"""JSON in which all but line feeds is printable; the rest is escaped as `\u001b`, lone surrogates, too.

    `default` converts what JSON has no form for; without it that is a TypeError.
    """
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=default)
    return text if _PRINTABLE_ASCII.fullmatch(text) else "".join(map(_json_escaped, text))


def say(sentence: str) -> None:
    """Write a line to stderr, inert. If that fails, there is nobody to tell."""
    with suppress(OSError):
        sys.stderr.write(f"{inert(sentence)}\n")


def say_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Replaces Python's `sys.excepthook`: messages of errors quote anything."""
    for line in "".join(traceback.format_exception(kind, error, trace)).splitlines():
        say(line)


def _escaped(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def _json_escaped(char: str) -> str:
    return char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1]
