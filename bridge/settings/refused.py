"""What is wrong with the environment's settings: a sentence for each, with its variable and without its value."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from bridge.settings.environment import PREFIX, SECRETS, secret_path
from bridge.wrong_values import wrong_in_words


def problems(error: ValidationError) -> list[str]:
    """One sentence for each bad setting."""
    return [
        _sentence(detail["loc"], detail["type"], detail.get("ctx", {}))
        for detail in error.errors(include_input=False)
        if detail["type"] != "default_factory_not_called"  # only says that another setting is bad
    ]


def _sentence(location: tuple[int | str, ...], kind: str, context: Mapping[str, Any]) -> str:
    text = str(context["error"]) if kind == "value_error" else wrong_in_words(kind, context)
    if not location:
        return f"{text}."
    name = str(location[0])
    variable = f"{PREFIX}{name.upper()}{'_FILE' if secret_path(name) else ''}"
    return f"{variable} is required." if kind == "missing" else f"{variable}: {text}."


def unknown_variables(names: Iterable[str], fields: Iterable[str]) -> list[str]:
    """A sentence for each `BRIDGE_` variable among `names` that is no setting, with the nearest one's name."""
    known = {PREFIX + field.upper() for field in fields} | {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    return [
        f"{name} is no setting of the bridge{_hint(name, known)}."
        for name in sorted(names)
        if name.startswith(PREFIX) and name not in known
    ]


def unknown_names(events: Collection[str], known: Collection[str]) -> list[str]:
    """A sentence for each of BRIDGE_EVENTS's `events` that is not `known`, with the nearest known name that they leave
    out. None is refused: NewStore adds events without notice."""
    left_out = [name for name in known if name not in events]
    return [
        f"BRIDGE_EVENTS: {name} is no event that NewStore documents{_hint(name, left_out)}."
        for name in events
        if name not in known
    ]


def _hint(name: str, known: Iterable[str]) -> str:
    return "".join(f"; {near} is" for near in difflib.get_close_matches(name, known, 1))
