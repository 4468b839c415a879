"""The events NewStore documents, and the entity each one is about."""

from typing import Final

_ACTIONS_BY_ENTITY: Final = {
    "order": "created opened shipped completed cancelled items_swapped items_cancelled items_on_hold"
    " serial_numbers_added",
    "fulfillment_request": "assigned items_completed items_failed items_ready_for_handover",
    "invoice": "created",
    "return": "processed",
    "refund_request": "issued",
    "payment_account": "amount_authorized amount_captured amount_refunded amount_voided",
    "inventory_transaction": "items_received items_ready_for_handover asn_created asn_closed"
    " adjustment_created transfer_order_created transfer_order_closed",
    "inventory_count": "items_counted",
    "customer": "created updated address_created address_updated address_deleted",
    "employee": "created updated",
    "cash_drawer": "activity_recorded count_submitted drawer_created drawer_updated float_defined"
    " transaction_completed",
    "gift_card": "deactivated",
}

EVENT_NAMES: Final[tuple[str, ...]] = tuple(
    f"{entity}.{action}" for entity, actions in _ACTIONS_BY_ENTITY.items() for action in actions.split()
)
"""The 42 documented event names; NewStore may send others without notice."""


TEST_EVENT: Final = "bridge_doctor.test_event"
"""The event that `bridge doctor --through` sends. NewStore has no such entity, so its cleaned
records are in the unknown topic."""


def entity_of(event_name: str) -> str:
    """Return the part of an event name before its first dot, the whole name if it has none."""
    return event_name.partition(".")[0]
