"""Transactional ids of a deployment: one of each command that writes, and one of each lane of the workers.

Starting a producer with an id fences an earlier one: what that had begun is committed or aborted, and it writes no
more. So of two runs of a command only the later one writes, and a migration ends a replay or a backfill by its id.
"""

from bridge.settings import Settings


def rules_id(settings: Settings) -> str:
    """Of whoever writes rules: what was read after the start of the producer cannot change before the commit."""
    return _of_command(settings, "rules")


def replay_id(settings: Settings) -> str:
    """Of `bridge quarantine replay` and `bridge conflicts accept`."""
    return _of_command(settings, "replay")


def backfill_id(settings: Settings) -> str:
    """Of `bridge backfill`."""
    return _of_command(settings, "backfill")


def lanes_prefix(settings: Settings) -> str:
    """What those of lanes begin with; `processors.engine.transaction` makes them."""
    return f"{settings.group_id}-"


def _of_command(settings: Settings, name: str) -> str:
    return f"{settings.topic_prefix}.bridge.{name}"
