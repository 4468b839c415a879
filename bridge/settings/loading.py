"""Reads the settings from the environment, and says what is wrong with them."""

import os

from pydantic import ValidationError

from bridge.printable import printable, say
from bridge.refusals import SettingsError
from bridge.settings.refused import problems, unknown_names, unknown_variables
from bridge.settings.settings import Settings
from schemas.events import EVENT_NAMES


def load_settings() -> Settings:
    """Settings from the environment. Bad ones: a sentence for each on stderr, and SystemExit(2)."""
    for warning in unknown_settings():
        say(f"warning: {warning}")
    found = try_settings()
    if isinstance(found, Settings):
        return found
    for problem in found:
        say(problem)
    raise SystemExit(2)


def try_settings() -> Settings | list[str]:
    """Settings from the environment, or a sentence for each bad one."""
    try:
        settings = Settings()
        _ = settings.key_table  # a broken key table is a broken setting
    except ValidationError as error:
        return problems(error)
    except OSError as error:
        return [f"{printable(str(error.filename))} cannot be read: {error.strerror}."]
    except (SettingsError, ValueError) as error:
        return [str(error)]
    return settings


def undocumented_events(settings: Settings) -> list[str]:
    """A sentence for each name of `BRIDGE_EVENTS` that neither NewStore documents nor the key table has."""
    return unknown_names(settings.events, (*EVENT_NAMES, *settings.key_table.rules))


def unknown_settings() -> list[str]:
    """A sentence for each variable of the environment that looks like a setting and is none."""
    return unknown_variables(os.environ, Settings.model_fields)
