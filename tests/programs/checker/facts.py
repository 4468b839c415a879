"""An order's events as the checker's own fold takes them, and their canonical order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.programs.checker.values import identifier, instant

CREATED, OPENED, SWAP, HOLD = "order.created", "order.opened", "order.items_swapped", "order.items_on_hold"
COMPLETED, CANCELLED, SHIPPED = "order.completed", "order.cancelled", "order.shipped"
ITEMS_CANCELLED, SERIAL_NUMBERS = "order.items_cancelled", "order.serial_numbers_added"
ASSIGNED, READY = "fulfillment_request.assigned", "fulfillment_request.items_ready_for_handover"
FAILED, HANDED_OVER = "fulfillment_request.items_failed", "fulfillment_request.items_completed"
INVOICE, RETURN, REFUND_REQUEST = "invoice.created", "return.processed", "refund_request.issued"
ACTIONS = {f"payment_account.amount_{action}": action for action in ("authorized", "captured", "voided", "refunded")}
"""Which way money goes, by event name."""

_RANKS: dict[str, int] = {
    name: rank
    for rank, names in enumerate(
        (
            (CREATED,),
            ("payment_account.amount_authorized",),
            (SWAP,),
            (OPENED,),
            (ASSIGNED,),
            (SERIAL_NUMBERS,),
            (READY,),
            (FAILED,),
            (HOLD,),
            (HANDED_OVER, SHIPPED),
            (ITEMS_CANCELLED,),
            (INVOICE,),
            ("payment_account.amount_captured", "payment_account.amount_voided"),
            (CANCELLED, COMPLETED),
            (RETURN, REFUND_REQUEST),
            ("payment_account.amount_refunded",),
        )
    )
    for name in names
}
KNOWN = frozenset(_RANKS)
"""The names that NewStore documents for orders; any other is unknown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`event` tells the fact from the order's other events; two facts of one `event` contradict each other. `key` and
    `payload_hash` are the bridge's names for it, empty if not known. They decide the order only if nothing else
    does."""

    event: str
    name: str
    published_at: str
    received_at: str
    source: str
    payload: dict[str, Any]
    key: str = ""
    payload_hash: str = ""

    @property
    def of_request(self) -> bool:
        """Whether the fact is about a fulfilment request, even under an unknown name."""
        return self.name.startswith("fulfillment_request.")

    @property
    def id(self) -> str:
        """Id of the entity that the fact is about, else its key or source."""
        return identifier(self.payload.get("id")) or self.key or self.source

    def said(self, field: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects in a list of the payload with their places; other members say nothing."""
        members = self.payload.get(field)
        for place, member in enumerate(members if isinstance(members, list) else ()):
            if isinstance(member, dict):
                yield place, member

    def all_said(self, field: str) -> list[dict[str, Any]]:
        """These objects without their places. An empty object at the end stands for all that cannot be read."""
        said, members = [member for _, member in self.said(field)], self.payload.get(field)
        unread = members not in (None, "") if not isinstance(members, list) else len(members) != len(said)
        return said + [{}] * unread

    def lines(self) -> Iterator[dict[str, Any]]:
        """What the fact says of items."""
        return (line for _, line in self.said("items"))

    def by_item(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same with the item's id; lines without an id are left out."""
        return ((item, line) for line in self.lines() if (item := identifier(line.get("id"))) is not None)


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts in canonical order; those without a time come first."""
    return sorted(facts, key=position)


def of(facts: Iterable[Fact], *names: str) -> list[Fact]:
    """The facts with these names."""
    return [fact for fact in facts if fact.name in names]


def in_force(facts: Sequence[Fact], name: str) -> dict[str, Fact]:
    """Facts of this name by entity; of several about one, the last counts."""
    return {fact.id: fact for fact in of(facts, name)}


def position(fact: Fact) -> tuple[str, int, str, str, str]:
    """The fact's sort key in canonical order."""
    moment = (instant(fact.published_at) or "").removesuffix("Z")
    return moment, _RANKS.get(fact.name, len(_RANKS)), fact.name, fact.key, fact.payload_hash
