"""How instruments pay. An event need not list those that its transactions name: another one of the order may have."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Final

from processors.orders.said import Transaction
from processors.orders.slots import OrderSlots, Places

PAYS_BY: Final = ("payment_method", "payment_wallet", "payment_provider")
"""What events say of an instrument."""


def known_instruments(slots: OrderSlots, places: Places) -> Mapping[str, Mapping[str, str]]:
    """Return by instrument what is said of it (`PAYS_BY`), field by field as the latest event has it that lists it with
    a transaction of it."""
    found: dict[str, dict[str, str]] = {}
    told = [(places[at], each) for by_fact in slots.payments.values() for at, said in by_fact.items() for each in said]
    for _, fields in sorted(told, key=itemgetter(0)):  # one event says the same of an instrument each time
        said = Transaction(*fields)
        pays = {name: value for name in PAYS_BY if (value := getattr(said, name)) is not None}
        if said.instrument_id is not None and pays:
            found.setdefault(said.instrument_id, {}).update(pays)
    return found


def by_its_instrument(said: Transaction, instruments: Mapping[str, Mapping[str, str]]) -> Transaction:
    """Return a transaction whose own events do not say how it was paid, with what others say of its instrument."""
    pays = instruments.get(said.instrument_id or "", {})
    return said._replace(**{name: value for name, value in pays.items() if getattr(said, name) is None})
