"""What `bridge topics plan`, `apply` and `migrate` say about key rules."""

from collections.abc import Iterable, Iterator
from typing import Any

from bridge.rules.changes import Change, changes
from bridge.rules.rules import Recorded, Rules
from schemas.key_rule import CONTENT_KEY


def rules_document(recorded: Recorded | None, wanted: Rules) -> dict[str, Any]:
    """The rules that `apply` would put in force, by event name, as `-o json` prints them."""
    added = recorded.unadopted(wanted) if recorded else ()
    return {change.name: change.after.entry for change in added if change.after is not None}


def told_due(recorded: Recorded | None, wanted: Rules) -> Iterator[str]:
    """Yield a sentence for all that `apply` would do about key rules. `recorded` None: nothing is recorded yet."""
    if recorded is None:
        return
    if recorded.adopting:
        yield f"That key rules for {', '.join(sorted(recorded.adopting))} are adopted was begun and not ended."
    for change in recorded.unadopted(wanted):
        yield f"{change.name} is to have the key rule {change.after}, if raw holds no event of that name. Workers wait."


def told_retained(recorded: Recorded | None, wanted: Rules) -> Iterator[str]:
    """Yield a sentence for each rule that `apply` leaves in force though the key table does not have it."""
    for change in recorded.retained(wanted) if recorded else ():
        yield (
            f"{change.name} keeps the key rule {change.before}, which was adopted and is not in the key table:"
            " `bridge topics migrate` takes it away."
        )


def told_adopted(added: Iterable[Change]) -> Iterator[str]:
    """Yield a sentence for each rule that has come into force."""
    for change in added:
        yield f"{change.name} has the key rule {change.after} from now on: raw holds no event of that name."


def told_changed(before: Rules, after: Rules) -> Iterator[str]:
    """Yield a sentence for each name whose rule a migration changes, if both rules are known in full."""
    if before.keys is not None and after.keys is not None:
        for name, was, becomes in changes(before.keys, after.keys):
            yield f"{name}: the key rule {was or CONTENT_KEY} becomes {becomes or CONTENT_KEY}."
