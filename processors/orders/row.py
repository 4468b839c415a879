"""An order's row in the table: its facts, and the slots that they were joined into."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from processors.orders.canonical import Place, identity_of, key_of
from processors.orders.fact import Fact
from processors.orders.joining import join
from processors.orders.slots import At, OrderSlots
from processors.orders.unprocessed import LISTED, RECEIVED, SOURCE, StoredEntry

RULES_VERSION: Final = 8
"""Raise it with every change of what facts amount to."""
FIRST_VERSION: Final = 1
"""Rows of this version kept little of what events say, and of payments nothing."""


Acknowledgement = tuple[str, str, str]
"""An event that somebody no longer waits for: its name, why, and when that was said (RFC 3339)."""


class Summary(Struct, array_like=True, frozen=True):
    """What totals and lists need to know of an order. `rules` is the version of the row's rules; `standing` has the
    lists the order stands in (`standing.LISTS`)."""

    status: str
    provisional: bool
    incomplete: bool
    rules: int = 1
    standing: dict[int, int] = {}
    stalled: bool = False
    partial_history: bool = False


class StoredFact(Struct, array_like=True):
    """A fact without what it says, which is in the slots."""

    place: Place
    received_at: str
    source: str
    conflict: bool


class Row(Struct, array_like=True):
    """One order. `facts` are in the order in which they were read; slots name them by their index.

    `version`: that of the rules by which all of it was made. `revision`: how many documents were written. `unread`:
    facts whose events are to come again, because an older version kept less of what they say, or because other rules
    give them other keys; they keep their index. `lost`: those that did not come, because raw no longer has them.
    `late`: missing events that were found late. `stalled`: next events that were awaited for too long. `acknowledged`:
    gaps of both kinds that somebody set aside. `due`: when the order has to be looked at again at the latest (ms since
    1970; 0: never), its key in the index. `forgotten_until`: what was received before then is forgotten (RFC 3339;
    empty: nothing is). `withheld`: the topic has its document without a customer. `has_lines`: the topic of lines has
    those of all its items.
    """

    version: int
    order_id: str
    tenant: str
    revision: int = 0
    summary: Summary | None = None
    unread: list[At] = []
    facts: list[StoredFact] = []
    slots: OrderSlots = msgspec.field(default_factory=OrderSlots)
    unprocessed: list[StoredEntry] = []
    lost: list[At] = []
    late: list[str] = []
    due: int = 0
    stalled: list[str] = []
    acknowledged: list[Acknowledgement] = []
    forgotten_until: str = ""
    withheld: bool = False
    has_lines: bool = False

    @property
    def places(self) -> Sequence[Place]:
        """Places of the facts, by index."""
        return [fact.place for fact in self.facts]

    def takes(self, received_at: str) -> bool:
        """Whether an event received then is of this order, and not of what was forgotten before it began anew."""
        return received_at >= self.forgotten_until

    def add(self, facts: Sequence[Fact]) -> bool:
        """Join facts that are not here yet, by identity, and those that come again. All of them leave `unprocessed`.
        Return whether anything changed."""
        facts = [fact for fact in facts if self.takes(fact.received_at)]
        sources = {fact.source for fact in facts}
        left = [entry for entry in self.unprocessed if entry[SOURCE] not in sources]
        changed, self.unprocessed = left != self.unprocessed, left
        places = [fact.place for fact in self.facts]
        identities = {identity_of(place) for place in places}
        keys = {key_of(place) for place in places}
        for fact in facts:
            if (at := self._again(fact)) is not None:
                places[at] = fact.place
            elif (identity := identity_of(fact.place)) not in identities:
                at = len(places)
                places.append(fact.place)
                key = key_of(fact.place)
                self.facts.append(StoredFact(fact.place, fact.received_at, fact.source, fact.conflict or key in keys))
                identities.add(identity)
                keys.add(key)
            else:
                continue
            join(self.slots, fact.event, fact.said, at, places)
            changed = True
        return changed

    def _again(self, fact: Fact) -> At | None:
        """Return the index of the unread fact that has the same raw record, and no longer list it as unread. None:
        there is none."""
        for at in self.unread:
            if self.facts[at].source == fact.source:
                self.unread = [other for other in self.unread if other != at]
                self.facts[at].place = fact.place
                if not self.unread:
                    self.version = RULES_VERSION
                return at
        return None

    def list_unprocessed(self, entry: StoredEntry) -> bool:
        """List an event that could not be processed, if there is room; return whether it is listed now."""
        if entry not in self.unprocessed and len(self.unprocessed) < LISTED and self.takes(entry[RECEIVED]):
            self.unprocessed.append(entry)
        return entry in self.unprocessed


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Row)


def load(row: bytes) -> Row:
    """Read a row, as `dump` writes it."""
    return _DECODER.decode(row)


class _Head(Struct, array_like=True):
    """The beginning of a row, up to its summary."""

    version: int
    order_id: str
    tenant: str
    revision: int = 0
    summary: Summary | None = None


_HEAD_DECODER: Final = msgspec.msgpack.Decoder(_Head)


def summary_of(row: bytes) -> Summary | None:
    """Read only the summary of a row."""
    return _HEAD_DECODER.decode(row).summary


def dump(row: Row) -> bytes:
    """Write a row."""
    return _ENCODER.encode(row)
