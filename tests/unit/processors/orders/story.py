"""Random lives as NewStore describes them: one fact a second, in the order in which they happened."""

from collections.abc import Callable, Collection
from functools import cache
from random import Random
from typing import Any

import orjson

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, back, clock, fact, items, paid, pieces, request

PRICE = 10
"""What each item costs, whatever its quantity."""


BUILDERS: dict[str, Callable[..., Fact]] = {each.__name__: each for each in (back, fact, paid, request)}


@cache
def _built(name: str, said: bytes) -> Fact:
    """Build a fact once: many lives share it, and building one takes longer than folding it."""
    positional, named = orjson.loads(said)
    return BUILDERS[name](*positional, **named)


class Story:
    """An order with nothing wrong. `facts`: its life so far."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.facts: list[Fact] = []
        self.items: dict[str, str] = dict.fromkeys("ABC"[: random.randrange(1, 4)], "pending")
        self.request: dict[str, str] = {}
        self.captured = self.refunded = 0
        self.is_paid = False
        """Whether it is paid from the start. Then nothing more is captured, nor cancelled."""

    def chance(self, of: float) -> bool:
        """Draw true with this probability."""
        return self.random.random() < of

    @property
    def now(self) -> int:
        """The second of the next fact."""
        return len(self.facts)

    def add(self, builder: Callable[..., Fact], *positional: Any, **named: Any) -> None:
        """Add the next fact."""
        self.facts.append(_built(builder.__name__, orjson.dumps([positional, named])))

    def order(self, event: str, members: list[Json] | None = None, **fields: object) -> None:
        """Add an event of the order."""
        said: Json = {"items": items(*self.items) if members is None else members, **fields}
        self.add(fact, f"order.{event}", clock(self.now), **said)

    def pay(self, action: str, amount: int, correlation_id: str | None = None) -> None:
        """Add a payment."""
        transaction_id = f"{action}-{self.now}"
        self.add(paid, action, self.now, transaction_id, amount, correlation_id=correlation_id)

    def tell(self) -> list[Fact]:
        """Return a whole life."""
        listed = [*self.items]
        total = PRICE * len(listed)
        whole: Json = {"currency": "EUR", "grand_total": total, "is_historical": self.chance(0.1)}
        self.order("created", items(*listed, quantity=2), **whole)
        self.begin_payment(total)
        if self.chance(0.1) and not self.is_paid:
            return self.give_up()
        if self.chance(0.2):
            self.order("items_swapped", [{"id": listed[-1], "new_item_id": "S"}])
            del self.items[listed[-1]]
            self.items["S"] = "pending"
        if self.chance(0.1):
            self.change(self.random.choice([*self.items]), "on_hold")
        self.order("opened", items(*self.items, quantity=2), **whole)
        while left := [item_id for item_id, state in self.items.items() if state not in ("complete", "cancelled")]:
            if "complete" not in self.items.values() and self.chance(0.02) and not self.is_paid:
                return self.give_up()
            if self.is_left_undone(left) and self.chance(0.1):
                break
            self.move(self.random.choice(left))
        if "complete" in self.items.values():
            self.close()
        return self.facts

    def begin_payment(self, total: int) -> None:
        """Authorize the money, once more if that expired. Or capture it all now."""
        self.is_paid = self.chance(0.1)
        if self.is_paid:
            self.capture(total)
            return
        self.pay("authorized", total)
        if self.chance(0.05):
            self.pay("voided", total)
            self.pay("authorized", total)

    def is_left_undone(self, left: Collection[str]) -> bool:
        """Tell whether the order may end without the items `left`, which no store has."""
        is_any_sent = "complete" in self.items.values()
        return is_any_sent and not self.is_paid and all(self.items[each] in ("pending", "on_hold") for each in left)

    def give_up(self) -> list[Fact]:
        """Cancel the order as a whole, and release the money."""
        self.order("cancelled")
        self.pay("voided", PRICE * 3)
        return self.facts

    def move(self, item_id: str) -> None:
        """Take one item a step further."""
        steps = {
            "pending": ["assigned", "assigned", "assigned", "cancelled"],
            "assigned": ["ready", "complete", "complete", "failed"],
            "ready": ["complete", "complete", "failed"],
            "failed": ["assigned", "on_hold", "cancelled"],
            "on_hold": ["assigned", "assigned", "cancelled"],
        }
        state = self.random.choice(
            [step for step in steps[self.items[item_id]] if step != "cancelled" or not self.is_paid]
        )
        if state in ("cancelled", "on_hold"):
            self.change(item_id, state)
            return
        self.items[item_id] = state
        if state == "assigned":
            self.request[item_id] = f"request-{self.now}"
        event = {"ready": "items_ready_for_handover", "complete": "items_completed", "failed": "items_failed"}
        name = event.get(state, state)
        self.add(request, name, self.now, item_id, request_id=self.request[item_id])
        if self.is_paid:
            return
        if state == "complete" and self.chance(0.5):
            self.capture(PRICE)
            if self.chance(0.1):
                self.appease(self.random.choice([1, PRICE]))
        if self.chance(0.05):
            self.pay("authorized", 1)

    def change(self, item_id: str, state: str) -> None:
        """Cancel one item, or put it on hold."""
        self.items[item_id] = state
        self.order(f"items_{state}", items(item_id))

    def capture(self, amount: int) -> None:
        """Take money."""
        self.pay("captured", amount)
        self.captured += amount

    def close(self) -> None:
        """Complete the order, and let some of it come back."""
        ends = {item_id: state if state == "complete" else "cancelled" for item_id, state in self.items.items()}
        members = [items(item_id, status=state)[0] for item_id, state in ends.items()]
        self.order("completed", members)
        shipped = [item_id for item_id, state in self.items.items() if state == "complete"]
        if self.captured < PRICE * len(shipped):
            self.capture(PRICE * len(shipped) - self.captured)
        if self.chance(0.1):
            self.appease(self.captured)
        for item_id in shipped:
            for count in self.random.choice([(), (1,), (2,), (1, 1)]):
                self.give_back(item_id, count)
        if self.chance(0.3):
            self.appease(1)

    def appease(self, amount: int) -> None:
        """Refund without a return, as far as any money is left."""
        amount, ask = min(amount, self.captured - self.refunded), f"ask-{self.now}"
        if amount <= 0:
            return
        self.add(fact, "refund_request.issued", clock(self.now), id=ask, amount=amount, currency="EUR")
        self.refund(amount, ask)

    def give_back(self, item_id: str, count: int) -> None:
        """Return so many pieces, and refund half of the item's price, or not yet."""
        return_id = f"return-{self.now}"
        lines = [pieces(item_id, count)] + ([pieces("ship-1", item_type="shipping")] if self.chance(0.3) else [])
        self.add(back, return_id, self.now, *lines, total_refund_amount=PRICE // 2, currency="EUR")
        if self.chance(0.8):
            self.refund(PRICE // 2, return_id)

    def refund(self, amount: int, correlation_id: str) -> None:
        """Give money back, as far as any is left."""
        amount = min(amount, self.captured - self.refunded)
        if amount > 0:
            self.pay("refunded", amount, correlation_id)
            self.refunded += amount
