"""Fulfilment requests: which of them were seen being assigned, and where their items are."""

from processors.orders.extract import Data
from processors.orders.folded import Folded, named


def noted(folded: Folded, data: Data, *, assigned: bool) -> None:
    """Remember whether this fact or an earlier one assigned the request, and the place of the items it names."""
    request_id = data.get("id")
    if request_id is not None:
        folded["assigned"][request_id] = assigned or folded["assigned"].get(request_id, False)
    location = data.get("fulfillment_location_id")
    if location is not None:
        for item, _ in named(folded, data):
            item["fields"]["fulfillment_location_id"] = location
