"""Events of a fulfilment request: one attempt to fulfil line items at one location."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import Id, Instant, Integer, Members, Text


class RequestedItem(Part):
    """One line item of the request. The same id can stand there twice: once for each piece."""

    id: Id = always("The line item's id in the order.")
    product_id: Id = always("The product.")
    carrier: Text = at_times("Who carries it.")
    tracking_code: Id = at_times("The carrier's number of the shipment.")
    shipped_at: Instant = at_times("UTC; NewStore leaves the zone out.")


class FulfillmentRequestPayload(Payload):
    """The request, and the line items that this event is about: not always all of them."""

    id: Id = always("The request's id; a rerouted order gets a new request.")
    order_id: Id = always("The order.")
    logical_timestamp: Integer = always("A number that only increases: it sorts the events of one request.")
    fulfillment_location_id: Id = always("The store or warehouse that is asked.")
    service_level: Text = always("Such as `IN_STORE_HANDOVER`.")
    associate_id: Id = at_times("Who works on it.")
    items: Members[RequestedItem] = always("The line items that this event is about.", default=())


class FulfillmentRequestAssigned(EventModel):
    """A location is to fulfil line items; after a rerouting another one, with a new request."""

    name: Literal["fulfillment_request.assigned"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsCompleted(EventModel):
    """Line items were handed over or shipped; one event for each line item, so several for an order."""

    name: Literal["fulfillment_request.items_completed"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsFailed(EventModel):
    """The location cannot fulfil line items: they are rerouted, put on hold or cancelled."""

    name: Literal["fulfillment_request.items_failed"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsReadyForHandover(EventModel):
    """Line items wait for their customer or carrier."""

    name: Literal["fulfillment_request.items_ready_for_handover"]
    payload: FulfillmentRequestPayload


EVENTS = (
    FulfillmentRequestAssigned, FulfillmentRequestItemsCompleted, FulfillmentRequestItemsFailed,
    FulfillmentRequestItemsReadyForHandover,
)  # fmt: skip
