"""The commands that write raw beside the ingress, each with a transactional id of its own: whoever starts a producer
with one fences the command that was there before. A command compares the rules once it has the id. So a migration, which
announces itself first and takes the ids then, leaves none that goes on under the old rules.
"""

from bridge.settings import Settings


def replay_id(settings: Settings) -> str:
    """Of `bridge quarantine replay` and `bridge conflicts accept`."""
    return f"{settings.topic_prefix}.bridge.replay"


def backfill_id(settings: Settings) -> str:
    """Of `bridge backfill`."""
    return f"{settings.topic_prefix}.bridge.backfill"
