"""For anything wrong with recorded rules, the doctor says what it is and, separately, what to do."""

from dataclasses import replace

import pytest

from bridge.refusals import Refusal
from bridge.rules.rules import Recorded, Rules, compare, require_adopted
from commands.doctor.finding import told
from schemas.keytable import KeyTable

TABLE = KeyTable.shipped()
WANTED = Rules(5, TABLE.rules, TABLE.fingerprint)
NAME = next(iter(TABLE.rules))
FEWER = Rules(5, {name: rule for name, rule in TABLE.rules.items() if name != NAME}, "1-fewer")


@pytest.mark.parametrize(
    ("recorded", "what", "remedy"),
    [
        (None, "The rules are not recorded yet", "run `bridge topics apply`"),
        (
            Recorded.first(replace(WANTED, partitions=3)).announcing(WANTED),
            f"A migration to {WANTED} is under way",
            "if no `bridge topics migrate` runs, run it again, and it goes on",
        ),
        (
            Recorded.first(replace(WANTED, partitions=3)),
            "The deployment was set up with BRIDGE_PARTITIONS=3, not 5",
            "go back to that, use another BRIDGE_TOPIC_PREFIX, or move its data with `bridge topics migrate`",
        ),
        (
            replace(Recorded.first(WANTED), adopting=frozenset({NAME})),
            f"Key rules for {NAME} are being adopted",
            "if no `bridge topics apply` runs, run it again",
        ),
        (Recorded.first(FEWER), f"The key rules for {NAME} are not in force yet", "run `bridge topics apply`"),
    ],
)
def test_its_remedy_is_one(recorded: Recorded | None, what: str, remedy: str) -> None:
    """For an unfinished migration the remedy was half a sentence, "it goes on"."""
    with pytest.raises(Refusal) as refused:
        require_adopted(compare(recorded, WANTED), WANTED)
    found = told("rules", str(refused.value))
    assert (found.what, found.remedies) == (what, (remedy,))
