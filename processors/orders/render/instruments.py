"""How instruments pay. An event need not list the instruments that its transactions name; another of the order may."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Final

from processors.orders.said import Transaction
from processors.orders.slots import OrderSlots, Places

PAYS_BY: Final = ("payment_method", "payment_wallet", "payment_provider")
"""What events say of an instrument."""


def known_instruments(slots: OrderSlots, places: Places) -> Mapping[str, Mapping[str, str]]:
    """Return by instrument how it pays (`PAYS_BY`). Each field is from the latest event that states it and lists the
    instrument for a transaction."""
    found: dict[str, dict[str, str]] = {}
    told = [(places[at], each) for by_fact in slots.payments.values() for at, said in by_fact.items() for each in said]
    for _, fields in sorted(told, key=itemgetter(0)):  # an event always says the same of an instrument
        said = Transaction(*fields)
        pays = {name: value for name in PAYS_BY if (value := getattr(said, name)) is not None}
        if said.instrument_id is not None and pays:
            found.setdefault(said.instrument_id, {}).update(pays)
    return found


def by_its_instrument(said: Transaction, instruments: Mapping[str, Mapping[str, str]]) -> Transaction:
    """Return a transaction with the fields of `PAYS_BY` that its own events lack, from its instrument."""
    pays = instruments.get(said.instrument_id or "", {})
    return said._replace(**{name: value for name, value in pays.items() if getattr(said, name) is None})
