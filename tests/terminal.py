"""What a command sends to a person's terminal, and whether data could have moved anything there."""

import os
import pty
import re
from typing import Final

import pytest

from tests.integration.exactly_once.process import Start, start_bare

HOSTILE: Final = "\x1b]0;owned\x07[/bold][red]\x1b[2J\x1b[38;5;9m\x9b5A\u202e\u2066\u200b\ufeff\x7f\r\n\ud800\b:x: ä"
"""Title, markup, clearing, colours, C1, direction, zero width, delete, lines, no UTF-8, and a name for an emoji."""
HOSTILE_BYTES: Final = HOSTILE.encode("utf-8", "surrogatepass")

_OURS: Final = re.compile(r"\x1b\[(?:(?!38;5;9m)[0-9;]*m|\?25[lh]|2K|1A)")
"""rich's styles and moving bars; none of them is in `HOSTILE`."""


def assert_inert(text: str) -> None:
    """AssertionError: there is something else than printable characters, line ends and what rich itself sends."""
    plain = _OURS.sub("", text)
    bad = [line for line in re.split(r"\r?\n|\r", plain) if not line.isprintable()]
    assert not bad, bad


def at_a_terminal(*arguments: str, columns: int = 80, start: Start = start_bare, **settings: str) -> tuple[int, str]:
    """Exit code of `bridge`, and all that it sends to a terminal of so many columns; it has no standard input. `start`:
    how its process starts."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("BRIDGE_")}
    given = {f"BRIDGE_{name.upper()}": value for name, value in settings.items()}
    environment = inherited | {"TERM": "xterm-256color", "COLUMNS": str(columns)} | given
    main, side = pty.openpty()
    try:
        with pytest.MonkeyPatch.context() as patched:
            for name in ("NO_COLOR", "CI"):
                patched.delenv(name, raising=False)
            process = start(arguments, environment, side, side)
    finally:
        os.close(side)
    sent = b"".join(iter(lambda: _read(main), b""))
    os.close(main)
    return process.wait(), sent.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # the last process with the terminal has ended
        return b""
