"""What `bridge topics plan`, `apply` and `migrate` tell of key rules."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.key_rule_changes import Change
    from bridge.rules import Recorded, Rules
    from bridge.settings import Settings


def rules_document(recorded: "Recorded | None", settings: "Settings") -> dict[str, Any]:
    """The rules that `apply` would put in force, as `-o json` prints them, by event name."""
    from bridge.rules import rules_of

    added = recorded.unadopted(rules_of(settings)) if recorded else ()
    return {change.name: change.after.entry for change in added if change.after is not None}


def show_rules(recorded: "Recorded | None", settings: "Settings", where: "Console") -> None:
    """Print a sentence for each name whose recorded rule is not the key table's; None: nothing is recorded yet."""
    for sentence in _told(recorded, settings) if recorded else ():
        where.print(sentence, markup=False, highlight=False)


def told_adopted(added: "Iterable[Change]") -> Iterator[str]:
    """A sentence for each rule that has come into force."""
    for change in added:
        yield f"{change.name} has the key rule {change.after} from now on: raw holds no event of that name."


def told_changed(before: "Rules", after: "Rules") -> "Iterator[str]":
    """A sentence for each name whose rule a migration changes, as far as it is known."""
    from bridge.key_rule_changes import changes
    from schemas.key_rule import CONTENT_KEY

    if before.keys is not None and after.keys is not None:
        for name, was, becomes in changes(before.keys, after.keys):
            yield f"{name}: the key rule {was or CONTENT_KEY} becomes {becomes or CONTENT_KEY}."


def _told(recorded: "Recorded", settings: "Settings") -> Iterator[str]:
    from bridge.rules import rules_of

    wanted = rules_of(settings)
    for change in recorded.unadopted(wanted):
        yield f"{change.name} is to have the key rule {change.after}, if raw holds no event of that name. Workers wait."
    for change in recorded.retained(wanted):
        yield (
            f"{change.name} keeps the key rule {change.before}, which was adopted and is not in the key table:"
            " `bridge topics migrate` takes it away."
        )
