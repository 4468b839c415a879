"""What people type: names from lists, event names, and ids."""

import difflib
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from bridge.printable import printable, say
from bridge.settings import Settings
from commands.terminal.output import fail, hint
from commands.wrong_use import WrongValueError
from schemas.events import EVENT_NAMES
from schemas.text import MAX_LENGTH, is_short_text


def known(text: str, kind: str, names: Sequence[str]) -> str:
    """Return `text`, the name of a `kind` of thing. WrongValueError: it is none of `names`."""
    if text in names:
        return text
    raise WrongValueError(f"there is no {kind} {printable(text)}; known are {', '.join(names)}", near(text, names))


def near(text: str, names: Sequence[str]) -> str:
    """A hint at similar names; empty if there are none."""
    found = difflib.get_close_matches(text.lower(), names, 3)
    return f"did you mean {' or '.join(found)}?" if found else ""


def given_event(settings: Settings, name: str | None) -> str | None:
    """Return an event's name. Say so if neither NewStore's documentation nor the settings have it; NewStore sends new
    events without notice, and `raw` holds them. Exits 2 if no event can have this name."""
    if name is None:
        return None
    if not is_short_text(name):
        fail(f"No event is called {printable(name)}: a name has 1 to {MAX_LENGTH} characters.")
    names = known_events(settings)
    if name not in names:
        say(f"NewStore documents no event {printable(name)}, and no setting names it.")
        if meant := near(name, names):
            hint(meant)
    return name


def known_events(settings: Settings) -> list[str]:
    """Event names that NewStore's documentation or the settings have."""
    return [*dict.fromkeys([*EVENT_NAMES, *settings.events, *settings.key_table.rules])]


def given_id(text: str) -> str:
    """Return an id unchanged: a blank at its end makes it another id. WrongValueError: it is empty, or not UTF-8."""
    if not text:
        raise WrongValueError("the id is empty")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongValueError("it is no UTF-8") from None
    return text


OrderId = Annotated[str, typer.Argument(parser=given_id, metavar="ORDER_ID", help="The order's `id` in NewStore.")]
"""The order that a command is about."""


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def time_of(ago_s: float | None) -> int | None:
    """The time (ms) that many seconds ago."""
    return None if ago_s is None else now_ms() - int(ago_s * 1000)
