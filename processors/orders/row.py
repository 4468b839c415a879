"""An order's row in the table, and how facts get into it."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import orjson

from processors.orders.canonical import EVENT, KEY, PAYLOAD_HASH, Position, StoredFact, position
from processors.orders.fact import Fact
from processors.orders.fold import FOLD_VERSION, fold, step
from processors.orders.folded import Folded, nothing
from processors.orders.status import Summary
from processors.orders.unprocessed import LISTED, SOURCE, StoredEntry


@dataclass(slots=True)
class Row:
    """The facts of one order in canonical order, the data of each as JSON, and what they amount to.

    As bytes it is JSON lines: the order first, then the data of each fact. That is most of a row, so it is
    parsed only where all facts are folded again.
    """

    order_id: str
    tenant: str
    facts: list[StoredFact] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    folded: Folded = field(default_factory=nothing)
    unprocessed: list[StoredEntry] = field(default_factory=list)
    summary: Summary | None = None

    @classmethod
    def load(cls, row: bytes) -> Self:
        """Read a row; one that another version of the fold wrote is folded again."""
        head, *data = row.split(b"\n")
        order = orjson.loads(head)
        loaded = cls(
            order["order_id"],
            order["tenant"],
            order["facts"],
            data,
            order["folded"],
            order["unprocessed"],
            Summary(**order["summary"]),
        )
        if order["fold_version"] != FOLD_VERSION:
            loaded._fold_again()
        return loaded

    def dump(self) -> bytes:
        """Write the row; the same facts give the same bytes."""
        order = {
            "order_id": self.order_id,
            "tenant": self.tenant,
            "fold_version": FOLD_VERSION,
            "summary": self.summary,
            "facts": self.facts,
            "folded": self.folded,
            "unprocessed": self.unprocessed,
        }
        return b"\n".join((orjson.dumps(order), *self.data))

    def add(self, facts: Sequence[Fact]) -> None:
        """Add facts not here yet: those that come last one by one, else by folding all of them again."""
        sources = {fact.source for fact in facts}
        self.unprocessed = [entry for entry in self.unprocessed if entry[SOURCE] not in sources]
        fresh = sorted(self._unseen(facts), key=_position)
        if fresh and self.facts and _position(fresh[0]) < position(self.facts[-1]):
            for stored, fact in fresh:
                self._insert(bisect(self.facts, position(stored), key=position), stored, fact)
            self._fold_again()
        else:
            for stored, fact in fresh:
                self._insert(len(self.facts), stored, fact)
                step(self.folded, fact.event, fact.key, fact.data)

    def set_aside(self, entry: StoredEntry) -> bool:
        """List an event that could not be folded, if there is room; whether it is listed now."""
        if entry not in self.unprocessed and len(self.unprocessed) < LISTED:
            self.unprocessed.append(entry)
        return entry in self.unprocessed

    def _unseen(self, facts: Sequence[Fact]) -> list[tuple[StoredFact, Fact]]:
        """Return the facts not known yet; one under a known key has another payload, so it is in conflict."""
        keys = {(fact[EVENT], fact[KEY]) for fact in self.facts}
        payloads = {(fact[EVENT], fact[KEY], fact[PAYLOAD_HASH]) for fact in self.facts}
        unseen = []
        for fact in facts:
            key = (fact.event, fact.key)
            if (*key, fact.payload_hash) not in payloads:
                unseen.append((fact.stored(conflict=fact.conflict or key in keys), fact))
                keys.add(key)
                payloads.add((*key, fact.payload_hash))
        return unseen

    def _insert(self, place: int, stored: StoredFact, fact: Fact) -> None:
        self.facts.insert(place, stored)
        self.data.insert(place, orjson.dumps(fact.data))

    def _fold_again(self) -> None:
        data = map(orjson.loads, self.data)
        self.folded = fold((fact[EVENT], fact[KEY], said) for fact, said in zip(self.facts, data, strict=True))


def _position(fresh: tuple[StoredFact, Fact]) -> Position:
    return position(fresh[0])
