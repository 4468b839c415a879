"""Names of events, as people type them."""

from bridge.settings import Settings
from commands.terminal.known import known
from commands.terminal.output import fail
from commands.wrong_use import WrongValueError
from schemas.events import EVENT_NAMES


def known_event(settings: Settings, name: str | None) -> str | None:
    """Return the name; exits 2 if it is neither one that NewStore documents nor one that the settings name."""
    if name is None:
        return None
    names = dict.fromkeys([*EVENT_NAMES, *settings.events, *settings.key_table.rules])
    try:
        return known(name, "event", [*names])
    except WrongValueError as unknown:
        new = "a name that NewStore has added is known once BRIDGE_EVENTS or BRIDGE_IDEMPOTENCY_KEYS has it."
        fail(f"{str(unknown).capitalize()}.", advice=unknown.hint or new)
