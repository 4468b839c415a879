"""Transactional ids of a deployment: one for each command that writes, and one for each lane of the workers.

A producer that starts with an id fences the earlier one, which writes no more; its transaction is committed or aborted.
So of two runs of a command only the later one writes, and a migration ends a replay or a backfill by its id.
"""

from bridge.settings import Settings


def rules_id(settings: Settings) -> str:
    """For writing rules: what was read after the start of the producer cannot change before the commit."""
    return _of_command(settings, "rules")


def replay_id(settings: Settings) -> str:
    """For `bridge quarantine replay` and `bridge conflicts accept`."""
    return _of_command(settings, "replay")


def backfill_id(settings: Settings) -> str:
    """For `bridge backfill`."""
    return _of_command(settings, "backfill")


def lanes_prefix(settings: Settings) -> str:
    """How the ids of lanes begin; `processors.engine.transaction` makes them."""
    return f"{settings.group_id}-"


def _of_command(settings: Settings, name: str) -> str:
    return f"{settings.topic_prefix}.bridge.{name}"
