"""Random lives of one order: plausible ones, implausible ones and odd shapes, with many equal instants."""

from typing import Any

from hypothesis import strategies as st

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import fact

INSTANTS = st.sampled_from(
    [
        "2024-05-01T10:00:00Z",
        "2024-05-01T10:00:00.45Z",
        "2024-05-01T10:00:00.5Z",
        "2024-05-01T10:00:01Z",
        "2024-05-01T12:00:01.000000001+02:00",
        "2024-05-02",
        None,
    ]
)
ITEM_IDS = st.sampled_from(["A", "B", "C"])
REQUEST_IDS = st.sampled_from(["request-1", "request-2"])
RETURN_IDS = st.sampled_from(["return-1", "return-2"])
STATUSES = st.sampled_from(["complete", "cancelled", "returned", "opened", 3])

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["", "A", "1.50"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=2),
    max_leaves=3,
)


def members(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of item members, now and then one with a field of an odd shape."""
    kept = {"id": ITEM_IDS, **fields}
    usual = st.fixed_dictionaries(kept)
    odd = st.fixed_dictionaries({name: ODD | strategy for name, strategy in kept.items()})
    return st.lists(usual | odd, max_size=3)


def events(names: list[str], **payload: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    """Return facts of these events with such payloads."""
    return st.builds(fact, st.sampled_from(names), INSTANTS, n=st.integers(0, 99), **payload)


PLAUSIBLE = st.one_of(
    events(["order.created", "order.opened"], items=members(quantity=st.integers(1, 3), tax=st.just(4.94))),
    events(
        ["order.items_on_hold", "order.items_cancelled", "order.items_swapped", "order.serial_numbers_added"],
        items=members(),
    ),
    events(["order.completed", "order.cancelled", "order.shipped"], items=members(status=STATUSES)),
    events(
        [
            "fulfillment_request.assigned",
            "fulfillment_request.items_ready_for_handover",
            "fulfillment_request.items_failed",
            "fulfillment_request.items_completed",
            "fulfillment_request.items_teleported",
        ],
        id=REQUEST_IDS,
        logical_timestamp=st.integers(1, 9),
        items=members(),
    ),
    events(["return.processed"], id=RETURN_IDS, items=members(quantity=st.integers(1, 3))),
    events(["invoice.created", "payment_account.amount_captured", "order.gift_wrapped"]),
)
ODD_SHAPES = events(
    ["order.created", "order.completed", "order.items_on_hold", "fulfillment_request.assigned", "return.processed"],
    items=ODD,
)


def _key(each: Fact) -> tuple[str, str]:
    return each.event, each.key


LIVES_WITH_CONFLICTS = st.lists(
    PLAUSIBLE | ODD_SHAPES, min_size=1, max_size=7, unique_by=lambda each: (*_key(each), each.payload_hash)
)
"""No envelope twice, but different payloads may share a key."""

LIVES = st.lists(PLAUSIBLE | ODD_SHAPES, min_size=1, max_size=7, unique_by=_key)
