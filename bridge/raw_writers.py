"""The commands that write raw beside the ingress, each with a transactional id of its own.

Whoever starts a producer with one fences the command that had it before, and a command compares the rules once it has
its id. So a migration, which announces itself first and takes the ids then, leaves none that goes on under old rules.
"""

from bridge.settings import Settings


def replay_id(settings: Settings) -> str:
    """Of `bridge quarantine replay` and `bridge conflicts accept`."""
    return f"{settings.topic_prefix}.bridge.replay"


def backfill_id(settings: Settings) -> str:
    """Of `bridge backfill`."""
    return f"{settings.topic_prefix}.bridge.backfill"
